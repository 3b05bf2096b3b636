/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command: every folder of a folder is a system to run.
 */
#include "vmm/report/measure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/report/closeup.h"
#include "vmm/report/outfile.h"

#define INTERVAL_MS 10000

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static const char help_text[] =
	"usage: hyperhurd measure [OPTION]... -o FILE DIR\n"
	"\n"
	"Run each system in DIR, one folder of configuration files each, in "
	"the\n"
	"order of their names, and write to FILE how its essential domain "
	"fared:\n"
	"the samples that it reported, and the accounts.  It runs on this\n"
	"machine.\n"
	"\n"
	"  -o, --output FILE  where to\n"
	"  --ms N             how long to measure each run [10000]\n"
	"  --trace            record who ran when, around the samples at p99 "
	"(or\n"
	"                     the slowest) and p50\n"
	"  --unreserved       without reservations\n"
	"  --logs DIR         keep what the domains print there\n"
	"  --root DIR         what /hyperhurd stands for in file names\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 1 a run failed; 2 the configuration or an argument "
	"is\n"
	"wrong.\n";

struct arguments {
	const char *dir;
	const char *output;
	const char *root;
	const char *logs;
	uint32_t interval_ms;
	bool unreserved;
	bool trace;
	bool help;
};

static bool parse_option(int option, struct arguments *args)
{
	switch (option) {
	case 'o':
		args->output = optarg;
		return true;
	case 'm':
		return value_number(optarg, MEASURE_INTERVAL_MAX_MS,
			       &args->interval_ms) == 0 &&
		       args->interval_ms;
	case 't':
		args->trace = true;
		return true;
	case 'u':
		args->unreserved = true;
		return true;
	case 'l':
		args->logs = optarg;
		return true;
	case 'r':
		args->root = optarg;
		return true;
	case 'h':
		args->help = true;
		return true;
	default:
		return false;
	}
}

static bool parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"ms", required_argument, NULL, 'm'},
		{"trace", no_argument, NULL, 't'},
		{"unreserved", no_argument, NULL, 'u'},
		{"logs", required_argument, NULL, 'l'},
		{"root", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*args = (struct arguments){.interval_ms = INTERVAL_MS};
	optind = 1;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
		if (!parse_option(option, args))
			return false;
	if (args->help)
		return true;
	args->dir = optind < argc ? argv[optind] : NULL;
	return args->output && args->dir && argc - optind == 1;
}

static int open_log(const struct arguments *args, const char *system)
{
	char file[PATH_MAX];

	if (!args->logs)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (snprintf(file, sizeof(file), "%s/%s.log", args->logs, system) >=
		(int)sizeof(file))
		return -1;

	FILE *log = outfile_create(file);
	int fd = log ? dup(fileno(log)) : -1;

	if (log)
		fclose(log);
	return fd;
}

/* Of a trace only this is kept: there may be many runs. */
static int take_closeups(struct measure_run *run)
{
	struct trace_fetch *trace = &run->result.trace;

	if (!trace->file)
		return 0;
	run->events_lost = trace->lost;
	run->closeups = closeup_text(
		&run->result.samples, trace, run->result.victim_index);
	trace_fetch_close(trace);
	return run->closeups ? 0 : -ENOMEM;
}

static int run_system(const struct arguments *args, struct measure_run *run)
{
	char dir[PATH_MAX];
	struct pair pair = {
		.dir = dir,
		.root = args->root,
		.antagonist = "",
		.unreserved = args->unreserved,
		.interval_ms = args->interval_ms,
		.trace = args->trace,
		.log_fd = open_log(args, run->system),
	};

	if (pair.log_fd < 0 || snprintf(dir, sizeof(dir), "%s/%s", args->dir,
				       run->system) >= (int)sizeof(dir)) {
		run->error = "its log cannot be written";
		return -EIO;
	}

	int err = pair_run(&pair, &run->result, &run->error);

	close(pair.log_fd);
	if (!err)
		err = take_closeups(run);
	if (err && !run->error)
		run->error = err == -EINVAL ? "its configuration is wrong"
					    : strerror(-err);
	return err;
}

/* One line before each run and one after, for whoever shows how far it is. */
static int run_systems(
	const struct arguments *args, struct measure_run *run, unsigned nr)
{
	int status = STATUS_OK;

	for (unsigned i = 0; i < nr; i++) {
		printf("measure: %u of %u: %s\n", i + 1, nr, run[i].system);
		fflush(stdout);

		int err = run_system(args, &run[i]);

		if (err == -EINVAL)
			status = STATUS_USAGE;
		else if (err && status == STATUS_OK)
			status = STATUS_FAILED;
		printf("measure: %s: %s\n", run[i].system,
			err ? run[i].error : "done");
		fflush(stdout);
	}
	return status;
}

static bool write_report(const struct arguments *args,
	const struct measure_run *run, unsigned nr)
{
	FILE *out = outfile_create(args->output);

	return out &&
	       !outfile_close(out, args->output, measure_json(run, nr, out));
}

static int is_system(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The folders of @dir in order; NULL: there is none, or no memory. */
static struct measure_run *list_systems(const char *dir, unsigned *nr)
{
	struct dirent **entry;
	int found = scandir(dir, &entry, is_system, alphasort);
	struct measure_run *run;

	if (found < 0)
		return NULL;
	run = found ? calloc((size_t)found, sizeof(*run)) : NULL;
	*nr = run ? (unsigned)found : 0;
	for (int i = 0; i < found; i++) {
		if (run)
			snprintf(run[i].system, sizeof(run[i].system), "%s",
				entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return run;
}

int measure_main(int argc, char **argv)
{
	struct arguments args;
	struct measure_run *run;
	unsigned nr = 0;

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd measure --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}
	run = list_systems(args.dir, &nr);
	if (!run) {
		fprintf(stderr, "hyperhurd: %s: no folder with systems\n",
			args.dir);
		return STATUS_USAGE;
	}

	int status = run_systems(&args, run, nr);

	if (!write_report(&args, run, nr) && status == STATUS_OK)
		status = STATUS_FAILED;
	for (unsigned i = 0; i < nr; i++) {
		pair_free(&run[i].result);
		free(run[i].closeups);
	}
	free(run);
	return status;
}
