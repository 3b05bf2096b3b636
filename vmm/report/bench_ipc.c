/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPC bench: one run for each figure, each in a process of its own.
 */
#include "vmm/report/bench_ipc.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmm/host.h"
#include "vmm/report/ipc_rows.h"
#include "vmm/report/run_bench.h"

#define RUN_LIMIT_S 120

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
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
	"Measure IPC with the systems in DIR [configs/bench], in ticks of the "
	"TSC,\n"
	"which under the instruction clock are instructions.\n"
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

/* Rows @first to @last - 1 come from one run. */
static int run_rows(const struct arguments *args, unsigned first, unsigned last,
	struct ipc_result *result)
{
	const struct ipc_row *row = &ipc_rows[first];
	const struct run_bench bench = {
		.dir = args->dir,
		.root = args->root,
		.system = row->system,
		.name = row->name,
		.limit_s = RUN_LIMIT_S,
		.runner = row->runner,
	};
	struct measurement *measurement = measurement_map();
	int err = measurement ? run_bench(&bench, measurement) : -ENOMEM;

	for (unsigned i = first; i < last && !err; i++)
		ipc_row_take(&ipc_rows[i], measurement, &result[i]);
	measurement_unmap(measurement);
	return err;
}

static int run(const struct arguments *args, struct ipc_result *result)
{
	int status = STATUS_OK;

	for (unsigned first = 0, last; first < nr_ipc_rows; first = last) {
		for (last = first + 1; last < nr_ipc_rows; last++)
			if (!ipc_rows_share(&ipc_rows[first], &ipc_rows[last]))
				break;
		if (run_rows(args, first, last, result) == -EINVAL)
			return STATUS_USAGE;
	}
	for (unsigned i = 0; i < nr_ipc_rows; i++) {
		if (result[i].known[IPC_INSTRUCTIONS])
			continue;
		fprintf(stderr, "hyperhurd: %s: no figures\n",
			ipc_rows[i].name);
		status = STATUS_FAILED;
	}
	ipc_rows_print(result);
	if (args->json && ipc_rows_write(args->json, result))
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

	struct ipc_result *result = calloc(nr_ipc_rows, sizeof(*result));
	int status = result ? run(&args, result) : STATUS_FAILED;

	free(result);
	return status;
}
