/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPC bench: one run for each figure, each in a process of its own.
 */
#include "vmm/report/bench_ipc.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/host.h"
#include "vmm/launch.h"
#include "vmm/report/environment.h"
#include "vmm/report/outfile.h"
#include "vmm/system.h"

#define RUN_LIMIT_S 120

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/* The three figures of one round trip; their names behind the program's. */
enum figure_kind {
	FIGURE_INSTRUCTIONS,
	FIGURE_EXITS,
	FIGURE_SWITCHES,
	NR_FIGURES,
};

static const char *const figure_names[NR_FIGURES] = {
	[FIGURE_INSTRUCTIONS] = "instructions",
	[FIGURE_EXITS] = "exits",
	[FIGURE_SWITCHES] = "host_context_switches",
};

static const struct bench {
	const char *name;
	const char *system; /* below configs/bench */
	enum runner runner;
} benches[] = {
	{"ipc-intra-space", "ipc-intra-space", RUNNER_EXECUTOR},
	{"ipc-inter-space", "ipc-inter-space", RUNNER_EXECUTOR},
	{"handoff-roundtrip", "handoff", RUNNER_EXECUTOR},
	{"futex-roundtrip", "handoff", RUNNER_FUTEX},
	{"eventfd-roundtrip", "handoff", RUNNER_EVENTFD},
	{"notification", "notification", RUNNER_EXECUTOR},
};

#define NR_BENCHES (sizeof(benches) / sizeof(benches[0]))

struct result {
	bool known;
	uint64_t figure[NR_FIGURES];
};

struct arguments {
	const char *dir;
	const char *root;
	const char *json;
	bool help;
};

static const char help_text[] =
	"usage: hyperhurd bench-ipc [OPTION]... [DIR]\n"
	"\n"
	"Measure IPC with the systems in DIR [configs/bench]: the median of "
	"single\n"
	"round trips (for ipc-*: half of one), in ticks of the TSC, which "
	"under the\n"
	"instruction clock are instructions.\n"
	"\n"
	"  --json FILE        write the figures there, too\n"
	"  --root DIR         what /hyperhurd stands for in file names\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 1 a run failed; 2 the configuration or an argument is "
	"wrong.\n";

static bool parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"json", required_argument, NULL, 'j'},
		{"root", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			args->json = optarg;
		else if (option == 'r')
			args->root = optarg;
		else if (option == 'h')
			args->help = true;
		else
			return false;
	}
	args->dir = optind < argc ? argv[optind] : "configs/bench";
	return argc - optind <= 1;
}

static int read_system(const struct arguments *args, const struct bench *bench,
	struct launch *launch)
{
	char dir[PATH_MAX];
	const struct launch_source source = {.dir = dir, .root = args->root};
	struct launch_reader reader;
	const char *why = NULL;
	int length =
		snprintf(dir, sizeof(dir), "%s/%s", args->dir, bench->system);
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
_Noreturn static void become_vmm(const struct bench *bench,
	const struct launch *launch, struct measurement *measurement,
	pid_t parent)
{
	const struct system_options options = {
		.name = bench->name,
		.quiet = true,
		.no_control = true,
		.time_limit_s = RUN_LIMIT_S,
		.runner = bench->runner,
		.measurement = measurement,
	};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(SYSTEM_EXIT_HOST);
	/* What the domains say is no part of our output. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	_exit(system_run(launch, &options));
}

static int run_system(const struct bench *bench, const struct launch *launch,
	struct measurement *measurement)
{
	pid_t parent = getpid();
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_vmm(bench, launch, measurement, parent);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

/* The figures' names begin with the program's: "handoff-roundtrip.exits". */
static void take_figures(const struct measurement *m, struct result *result)
{
	unsigned found = 0;

	for (unsigned i = 0; i < m->nr_figures; i++) {
		const char *dot = strrchr(m->figure[i].name, '.');

		for (unsigned j = 0; dot && j < NR_FIGURES; j++) {
			if (strcmp(dot + 1, figure_names[j]) != 0)
				continue;
			result->figure[j] = m->figure[i].value;
			found |= 1u << j;
		}
	}
	result->known = found == (1u << NR_FIGURES) - 1;
}

static int run_bench(const struct arguments *args, const struct bench *bench,
	struct result *result)
{
	struct measurement *measurement = measurement_map();
	struct launch launch = {0};
	int err = measurement ? read_system(args, bench, &launch) : -ENOMEM;

	if (!err)
		err = run_system(bench, &launch, measurement);
	if (!err)
		take_figures(measurement, result);
	launch_free(&launch);
	measurement_unmap(measurement);
	if (!result->known && err != -EINVAL)
		fprintf(stderr, "hyperhurd: %s: no figures\n", bench->name);
	return err;
}

static int write_json(const struct arguments *args, const struct result *result)
{
	FILE *out = outfile_create(args->json);
	struct json json;

	if (!out)
		return -EIO;
	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_environment(&json);
	json_begin_array(&json, "results");
	for (unsigned i = 0; i < NR_BENCHES; i++) {
		if (!result[i].known)
			continue;
		json_begin_object(&json, NULL);
		json_put_string(&json, "name", benches[i].name);
		for (unsigned j = 0; j < NR_FIGURES; j++)
			json_put_u64(
				&json, figure_names[j], result[i].figure[j]);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
	return outfile_close(out, args->json, json_close(&json));
}

static void print_table(const struct result *result)
{
	printf("%-20s %12s %6s %9s\n", "NAME",
		host_counts_instructions() ? "INSTRUCTIONS" : "TICKS", "EXITS",
		"SWITCHES");
	for (unsigned i = 0; i < NR_BENCHES; i++)
		if (result[i].known)
			printf("%-20s %12" PRIu64 " %6" PRIu64 " %9" PRIu64
			       "\n",
				benches[i].name,
				result[i].figure[FIGURE_INSTRUCTIONS],
				result[i].figure[FIGURE_EXITS],
				result[i].figure[FIGURE_SWITCHES]);
}

static int run(const struct arguments *args)
{
	struct result result[NR_BENCHES] = {0};
	int status = STATUS_OK;

	for (unsigned i = 0; i < NR_BENCHES; i++) {
		int err = run_bench(args, &benches[i], &result[i]);

		if (err == -EINVAL)
			return STATUS_USAGE;
		if (!result[i].known)
			status = STATUS_FAILED;
	}
	print_table(result);
	if (args->json && write_json(args, result))
		status = STATUS_FAILED;
	return status;
}

int bench_ipc_main(int argc, char **argv)
{
	struct arguments args = {0};

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd bench-ipc --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}

	const char *const output[] = {args.json, NULL};

	if (host_enter(&(struct host_job){.argv = argv, .output = output}))
		return STATUS_FAILED;
	return run(&args);
}
