/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/report/run_bench.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/launch.h"

static int read_system(const struct run_bench *bench, struct launch *launch)
{
	char dir[PATH_MAX];
	const struct launch_source source = {.dir = dir, .root = bench->root};
	struct launch_reader reader;
	const char *why = NULL;
	int length =
		snprintf(dir, sizeof(dir), "%s/%s", bench->dir, bench->system);
	int err = length < (int)sizeof(dir) ? launch_start(&reader, &source)
					    : -ENAMETOOLONG;

	if (!err)
		err = launch_finish(&reader, launch, &why);
	if (err && err != -EINVAL)
		fprintf(stderr, "hyperhurd: %s: %s\n", dir,
			why ? why : strerror(-err));
	return err;
}

/* In the child. */
_Noreturn static void become_vmm(const struct run_bench *bench,
	const struct launch *launch, struct measurement *m, pid_t parent)
{
	const struct system_options options = {
		.name = bench->name,
		.quiet = true,
		.no_control = true,
		.time_limit_s = bench->limit_s,
		.runner = bench->runner,
		.measurement = m,
	};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(SYSTEM_EXIT_HOST);
	/* What the domains say is no part of our output. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	_exit(system_run(launch, &options));
}

static int run_system(const struct run_bench *bench,
	const struct launch *launch, struct measurement *m)
{
	pid_t parent = getpid();
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_vmm(bench, launch, m, parent);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

int run_bench(const struct run_bench *bench, struct measurement *m)
{
	struct launch launch = {0};
	int err = read_system(bench, &launch);

	if (!err)
		err = run_system(bench, &launch, m);
	launch_free(&launch);
	return err;
}
