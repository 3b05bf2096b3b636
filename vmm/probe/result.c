/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *	probe 1
 *	error 0
 *	check 2 passed
 *	check 6 failed exit reason 17 ...
 *	end
 */
#include "vmm/probe/result.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES (PROBE_REASON_MAX + 40)

void result_write(FILE *out, const struct probe_result *result)
{
	fprintf(out, "probe 1\nerror %d\n", result->error);
	for (unsigned i = 0; i < NR_PROBE_CHECKS && !result->error; i++)
		fprintf(out, "check %u %s %s\n", i,
			result->reason[i][0] ? "failed" : "passed",
			result->reason[i]);
	fputs("end\n", out);
}

static void read_check(const char *line, struct probe_result *result)
{
	unsigned check;
	int at = 0;

	if (sscanf(line, "check %u passed%n", &check, &at) == 1 && at &&
		check < NR_PROBE_CHECKS)
		result->reason[check][0] = '\0';
	at = 0;
	if (sscanf(line, "check %u failed %n", &check, &at) == 1 && at &&
		check < NR_PROBE_CHECKS)
		snprintf(result->reason[check], PROBE_REASON_MAX, "%s",
			line + at);
}

int result_read(FILE *in, struct probe_result *result)
{
	char line[LINE_MAX_BYTES];
	bool begun = false;

	memset(result, 0, sizeof(*result));
	for (unsigned i = 0; i < NR_PROBE_CHECKS; i++)
		strcpy(result->reason[i], "no answer");
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!strcmp(line, "probe 1"))
			begun = true;
		else if (begun && !strcmp(line, "end"))
			return 0;
		else if (begun && sscanf(line, "error %d", &result->error) != 1)
			read_check(line, result);
	}
	return -EPROTO;
}

/* build/probe/HOST of the source tree; NULL if there is none. */
static const char *kept_path(enum host host, char *path, size_t size)
{
	char top[PATH_MAX];

	if (!host_top(top))
		return NULL;
	snprintf(path, size, "%s/build/probe", top);
	(void)mkdir(path, 0777);
	snprintf(path, size, "%s/build/probe/%s", top, host_name(host));
	return path;
}

int result_load(enum host host, const char *key, struct probe_result *result)
{
	char path[PATH_MAX + 32];
	char kept[RESULT_KEY_MAX + 1] = "";
	FILE *in;
	int err = -ESTALE;

	if (!kept_path(host, path, sizeof(path)))
		return -ENOENT;
	in = fopen(path, "re");
	if (!in)
		return -ENOENT;
	if (fgets(kept, sizeof(kept), in)) {
		kept[strcspn(kept, "\n")] = '\0';
		if (!strcmp(kept, key))
			err = result_read(in, result);
	}
	fclose(in);
	return err;
}

/* Renamed into place, so that a reader never sees half of it. */
void result_store(
	enum host host, const char *key, const struct probe_result *result)
{
	char path[PATH_MAX + 32];
	char new[PATH_MAX + 64];
	FILE *out;

	if (!kept_path(host, path, sizeof(path)))
		return;
	snprintf(new, sizeof(new), "%s.%d", path, (int)getpid());
	out = fopen(new, "we");
	if (!out)
		return;
	fprintf(out, "%s\n", key);
	result_write(out, result);
	if (fclose(out) || rename(new, path))
		unlink(new);
}
