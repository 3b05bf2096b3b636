/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/host.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/probe/probe.h"

#define ARGUMENTS_MAX 1024
#define MIB (UINT64_C(1) << 20)
#define BASE_MIB 256 /* the appliance's own kernel, modules and programs */

static const char *const names[NR_HOSTS] = {
	[HOST_KVM] = "kvm",
	[HOST_SVM] = "svm",
	[HOST_EPT] = "ept",
};

const char *host_name(enum host host)
{
	return names[host];
}

int host_parse(const char *name, enum host *host)
{
	for (unsigned i = 0; i < NR_HOSTS; i++) {
		if (strcmp(name, names[i]))
			continue;
		*host = i;
		return 0;
	}
	return -EINVAL;
}

const char *host_label(void)
{
	const char *appliance = getenv("APPLIANCE");

	return appliance ? appliance : names[HOST_KVM];
}

bool host_counts_instructions(void)
{
	const char *icount = getenv("ICOUNT");

	return getenv("APPLIANCE") && icount && !strcmp(icount, "1");
}

static bool program_exists(const char *name)
{
	static const char *const folder[] = {"/usr/bin", "/usr/local/bin"};
	char path[PATH_MAX];

	for (unsigned i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

int host_select(enum host *host)
{
	const char *wanted = getenv("HOST");
	char top[PATH_MAX];

	if (wanted && *wanted)
		return host_parse(wanted, host);
	if (probe_kvm_usable())
		*host = HOST_KVM;
	else if (!host_top(top))
		return -ENODEV;
	else if (program_exists("qemu-system-x86_64"))
		*host = HOST_SVM;
	else if (program_exists("bochs-bin"))
		*host = HOST_EPT;
	else
		return -ENODEV;
	return 0;
}

/* The binary is TOP/build/CONFIG/hyperhurd. */
const char *host_top(char *buf)
{
	char runner[PATH_MAX + 32];

	if (!launch_root(buf))
		return NULL;
	for (unsigned i = 0; i < 2; i++) {
		char *slash = strrchr(buf, '/');

		if (!slash)
			return NULL;
		*slash = '\0';
	}
	snprintf(runner, sizeof(runner), "%s/tools/appliance/run", buf);
	return access(runner, X_OK) ? NULL : buf;
}

/* The command line of tools/appliance/run as it grows. */
struct words {
	char *word[ARGUMENTS_MAX + 1];
	unsigned nr;
	bool failed;
};

static void add_word(struct words *w, const char *word)
{
	char *copy = word ? strdup(word) : NULL;

	if (!copy || w->nr == ARGUMENTS_MAX)
		w->failed = true;
	else
		w->word[w->nr++] = copy;
	if (w->failed)
		free(copy);
}

static void add_option(struct words *w, const char *option, const char *value)
{
	add_word(w, option);
	add_word(w, value);
}

static void add_number(struct words *w, const char *option, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	add_option(w, option, text);
}

/* Where its file goes is @dest; "": to the same place.  A colon in @path would
 * end it. */
static void add_path(
	struct words *w, const char *option, const char *path, const char *dest)
{
	char text[3 * PATH_MAX];
	size_t n = 0;

	for (; *path && n < 2 * PATH_MAX; path++) {
		if (*path == ':')
			text[n++] = '\\';
		text[n++] = *path;
	}
	snprintf(text + n, sizeof(text) - n, *dest ? ":%s" : "%s", dest);
	add_option(w, option, text);
}

/* What lies below @folder, relative to it; NULL if @path does not. */
static const char *below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (strncmp(path, folder, length) || path[length] != '/')
		return NULL;
	return path + length + 1;
}

/* A system's files; returns the MiB of memory that it needs. */
static uint64_t add_launch(
	struct words *w, const struct launch *launch, const char *root)
{
	uint64_t bytes = 0;
	bool linux_files = false;

	for (uint32_t i = 0; i < launch->nr_domains; i++)
		bytes += launch->domain[i].ram_bytes +
			 (launch->domain[i].frames_guaranteed +
				 launch->domain[i].frames_extra) *
				 4096;
	for (uint32_t at = 1; at < launch->strings_size;
		at += (uint32_t)strlen(launch_string(launch, at)) + 1) {
		const char *file = launch_string(launch, at);
		const char *rest;
		struct stat st;

		if (file[0] != '/' || stat(file, &st) || !S_ISREG(st.st_mode))
			continue;
		bytes += 2 * (uint64_t)st.st_size;
		rest = below(file, root);
		if (!rest)
			add_path(w, "--add", file, "");
		else if (!strncmp(rest, "linux/", 6))
			linux_files = true;
	}
	if (linux_files)
		add_word(w, "--linux");
	return bytes / MIB;
}

static unsigned count_cpus(const struct launch *launch)
{
	unsigned nr = 1;

	for (uint32_t i = 0; launch && i < launch->nr_domains; i++)
		if (launch->domain[i].cpu >= nr)
			nr = launch->domain[i].cpu + 1;
	return nr;
}

static bool is_output(const struct host_job *job, const char *word)
{
	for (unsigned i = 0; job->output && job->output[i]; i++)
		if (!strcmp(job->output[i], word))
			return true;
	return false;
}

/* Is the value of option @word, @length bytes of it, something else than a
 * file's name? */
static bool takes_name(const char *word, size_t length)
{
	static const char *const option[] = {"--only", "--victims",
		"--antagonists", "--server", "--name", "--time", "--memory",
		"--runner", "--periods", "--ms", "--runs"};

	for (unsigned i = 0; i < sizeof(option) / sizeof(option[0]); i++)
		if (strlen(option[i]) == length &&
			!strncmp(option[i], word, length))
			return true;
	return false;
}

/* Adds the word to @command, and the file that it may name to @options. */
static void add_file(struct words *options, struct words *command,
	const char *word, const char *top, const char *root)
{
	char path[PATH_MAX];
	char configs[PATH_MAX + sizeof("/configs")];
	const char *rest;

	if (!realpath(word, path)) {
		add_word(command, word);
		return;
	}
	snprintf(configs, sizeof(configs), "%s/configs", top);
	rest = below(path, top);
	if (!below(path, configs) && !below(path, root) && strcmp(path, root))
		add_path(options, "--add", path, "");
	add_word(command, rest ? rest : path);
}

/* Takes the argument and, if it is an option, its value.  Returns how many of
 * @argv that were. */
static unsigned add_argument(struct words *options, struct words *command,
	const struct host_job *job, char **argv, const char *top,
	const char *root)
{
	const char *word = argv[0];
	const char *value = word[0] == '-' ? strchr(word, '=') : NULL;
	size_t length = value ? (size_t)(value - word) : strlen(word);

	if (!value && takes_name(word, length) && argv[1]) {
		add_option(command, word, argv[1]);
		return 2;
	}
	if (is_output(job, value ? value + 1 : word) ||
		(value && (takes_name(word, length) ||
				  access(value + 1, F_OK)))) {
		add_word(command, word);
		return 1;
	}
	/* --option=FILE is --option FILE. */
	if (value) {
		char *option = strndup(word, length);

		add_word(command, option);
		free(option);
		word = value + 1;
	}
	add_file(options, command, word, top, root);
	return 1;
}

/* Ten minutes of wall time, or twenty, and what the job takes by its own clock,
 * which is that much slower. */
static uint64_t time_limit(enum host host, const struct host_job *job)
{
	if (job->limit_s)
		return job->limit_s;
	return host == HOST_EPT ? 1200 + 60 * (uint64_t)job->run_s
				: 600 + 30 * (uint64_t)job->run_s;
}

static void add_job(struct words *w, enum host host, const struct host_job *job,
	const char *top, const char *root)
{
	struct words command = {.nr = 0};
	uint64_t mib = BASE_MIB;
	unsigned cpus = count_cpus(job->launch);

	add_option(w, "--host", host_name(host));
	add_number(w, "--time", time_limit(host, job));
	if (cpus > 1)
		add_number(w, "--smp", cpus);
	if (job->launch)
		mib += add_launch(w, job->launch, root);
	add_number(w, "--mem", mib < 512 ? 512 : mib);
	for (unsigned i = 0; job->output && job->output[i]; i++)
		add_path(w, "--get", job->output[i], job->output[i]);
	add_word(&command, "hyperhurd");
	for (char **argv = job->argv; *argv;)
		argv += add_argument(w, &command, job, argv, top, root);
	add_word(w, "--");
	for (unsigned i = 0; i < command.nr; i++)
		add_word(w, command.word[i]);
	w->failed |= command.failed;
}

int host_reexec(enum host host, const struct host_job *job)
{
	static struct words w;
	char top[PATH_MAX];
	char root[PATH_MAX];
	char runner[PATH_MAX + 32];

	if (!host_top(top) || !launch_root(root))
		return -ENOENT;
	snprintf(runner, sizeof(runner), "%s/tools/appliance/run", top);
	add_word(&w, runner);
	add_job(&w, host, job, top, root);
	if (w.failed)
		return -E2BIG;
	if (!getenv("HOST"))
		fprintf(stderr,
			"hyperhurd: /dev/kvm cannot be used here "
			"(hyperhurd probe says why); using %s\n",
			host_name(host));
	setenv("CONFIG", strrchr(root, '/') + 1, 1);
	execv(runner, w.word);
	return -errno;
}

int host_enter(const struct host_job *job)
{
	enum host host;
	int err = host_select(&host);

	if (err == -EINVAL)
		fprintf(stderr, "hyperhurd: HOST=%s: write kvm, svm or ept\n",
			getenv("HOST"));
	else if (err)
		fprintf(stderr, "hyperhurd: no host can run this; see "
				"hyperhurd probe\n");
	if (err || host == HOST_KVM)
		return err;
	err = host_reexec(host, job);
	fprintf(stderr, "hyperhurd: cannot start the appliance: %s\n",
		strerror(-err));
	return err;
}
