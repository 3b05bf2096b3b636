/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/report/bench_main.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

#include "vmm/host.h"

static bool parse(int argc, char **argv, struct bench_arguments *args)
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

int bench_main(int argc, char **argv, const char *help,
	int (*run)(const struct bench_arguments *args))
{
	struct bench_arguments args = {0};

	if (!parse(argc, argv, &args)) {
		fprintf(stderr, "hyperhurd: see hyperhurd %s --help\n",
			argv[0]);
		return BENCH_USAGE;
	}
	if (args.help) {
		fputs(help, stdout);
		return BENCH_OK;
	}

	const char *const output[] = {args.json, NULL};

	if (host_enter(&(struct host_job){.argv = argv, .output = output}))
		return BENCH_FAILED;
	return run(&args);
}
