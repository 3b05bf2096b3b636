/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPC bench: one run for each figure, each in a process of its own.
 */
#include "vmm/report/bench_ipc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmm/report/bench_main.h"
#include "vmm/report/ipc_rows.h"
#include "vmm/report/run_bench.h"

#define RUN_LIMIT_S 120

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

/* Rows @first to @last - 1 come from one run. */
static int run_rows(const struct bench_arguments *args, unsigned first,
	unsigned last, struct ipc_result *result)
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

static int measure(
	const struct bench_arguments *args, struct ipc_result *result)
{
	int status = BENCH_OK;

	for (unsigned first = 0, last; first < nr_ipc_rows; first = last) {
		for (last = first + 1; last < nr_ipc_rows; last++)
			if (!ipc_rows_share(&ipc_rows[first], &ipc_rows[last]))
				break;
		if (run_rows(args, first, last, result) == -EINVAL)
			return BENCH_USAGE;
	}
	for (unsigned i = 0; i < nr_ipc_rows; i++) {
		if (result[i].known[IPC_INSTRUCTIONS])
			continue;
		fprintf(stderr, "hyperhurd: %s: no figures\n",
			ipc_rows[i].name);
		status = BENCH_FAILED;
	}
	ipc_rows_print(result);
	if (args->json && ipc_rows_write(args->json, result))
		status = BENCH_FAILED;
	return status;
}

static int run(const struct bench_arguments *args)
{
	struct ipc_result *result = calloc(nr_ipc_rows, sizeof(*result));
	int status = result ? measure(args, result) : BENCH_FAILED;

	free(result);
	return status;
}

int bench_ipc_main(int argc, char **argv)
{
	return bench_main(argc, argv, help_text, run);
}
