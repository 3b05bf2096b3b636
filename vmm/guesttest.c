/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/guesttest.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/launch.h"

#define TIME_LIMIT_S "20" /* virtual where the clock is */
#define LINE_BYTES 1024

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct guesttest *)a)->name,
		((const struct guesttest *)b)->name);
}

static const char *tests_folder(char *path, size_t size)
{
	char root[PATH_MAX];

	if (!launch_root(root))
		return NULL;
	snprintf(path, size, "%s/tests/guest", root);
	return path;
}

int guesttest_list(const char *only, struct guesttest *out)
{
	char path[PATH_MAX + 16];
	const struct dirent *entry;
	int nr = 0;
	DIR *folder;

	if (!tests_folder(path, sizeof(path)))
		return -ENOENT;
	folder = opendir(path);
	if (!folder)
		return -errno;
	while ((entry = readdir(folder)) && nr < GUESTTEST_MAX) {
		struct stat st;

		if (entry->d_name[0] == '.' ||
			strlen(entry->d_name) >= GUESTTEST_NAME_MAX ||
			(only && strcmp(only, entry->d_name)) ||
			fstatat(dirfd(folder), entry->d_name, &st, 0) ||
			!S_ISDIR(st.st_mode))
			continue;
		memset(&out[nr], 0, sizeof(out[nr]));
		strcpy(out[nr++].name, entry->d_name);
	}
	closedir(folder);
	qsort(out, (size_t)nr, sizeof(*out), by_name);
	return nr;
}

static void take_result(
	struct guesttest *test, const char *line, FILE *tap, unsigned *number)
{
	bool failed = !strncmp(line, "not ok", 6);
	const char *text = line + (failed ? 6 : 2);

	text += strspn(text, " 0123456789");
	if (!strncmp(text, "- ", 2))
		text += 2;
	if (failed)
		test->failed++;
	else if (strstr(text, "# SKIP"))
		test->skipped++;
	else
		test->passed++;
	fprintf(tap, "%sok %u - %s: %s\n", failed ? "not " : "", ++*number,
		test->name, text);
}

/* One line of a console, "domain| text". */
static void take_line(
	struct guesttest *test, const char *line, FILE *tap, unsigned *number)
{
	const char *bar = strstr(line, "| ");
	const char *text = bar ? bar + 2 : line;

	if (sscanf(text, "1..%u", &test->planned) == 1 ||
		!strncmp(text, "TAP version", 11))
		return;
	if (!strncmp(text, "ok", 2) || !strncmp(text, "not ok", 6))
		take_result(test, text, tap, number);
	else
		fprintf(tap, "# %s\n", line + strspn(line, "# "));
}

/* In the child. */
static void launch_system(const struct guesttest *test, int out)
{
	char path[PATH_MAX + 16];
	char system[PATH_MAX + 16 + GUESTTEST_NAME_MAX];

	if (!tests_folder(path, sizeof(path)))
		_exit(127);
	snprintf(system, sizeof(system), "%s/%s", path, test->name);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	close(out);
	execl("/proc/self/exe", "hyperhurd", "run", "--quiet", "--time",
		TIME_LIMIT_S, system, (char *)NULL);
	_exit(127);
}

static void judge(struct guesttest *test, int status)
{
	if (WIFSIGNALED(status))
		snprintf(test->why, GUESTTEST_WHY_MAX, "ended by signal %d",
			WTERMSIG(status));
	else if (WEXITSTATUS(status) == 124)
		snprintf(test->why, GUESTTEST_WHY_MAX, "not done after %s s",
			TIME_LIMIT_S);
	else if (WEXITSTATUS(status) && !test->failed)
		snprintf(test->why, GUESTTEST_WHY_MAX, "exit status %d",
			WEXITSTATUS(status));
	else if (!test->planned)
		snprintf(test->why, GUESTTEST_WHY_MAX, "no plan");
	else if (test->planned != test->passed + test->failed + test->skipped)
		snprintf(test->why, GUESTTEST_WHY_MAX, "planned %u, saw %u",
			test->planned,
			test->passed + test->failed + test->skipped);
}

void guesttest_run(struct guesttest *test, FILE *tap, unsigned *number)
{
	char line[LINE_BYTES];
	int status = 0;
	int ends[2];
	pid_t child;
	FILE *in;

	fflush(NULL);
	if (pipe(ends) || (child = fork()) < 0) {
		snprintf(test->why, GUESTTEST_WHY_MAX, "%s", strerror(errno));
		return;
	}
	if (child == 0) {
		close(ends[0]);
		launch_system(test, ends[1]);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		take_line(test, line, tap, number);
	}
	if (in)
		fclose(in);
	waitpid(child, &status, 0);
	judge(test, status);
	if (test->why[0])
		fprintf(tap, "not ok %u - %s: %s\n", ++*number, test->name,
			test->why);
	fflush(tap);
}

bool guesttest_passed(const struct guesttest *test)
{
	return !test->failed && !test->why[0];
}
