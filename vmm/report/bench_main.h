/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands bench-ipc and bench-mem: options, help, and the way to a host.
 */
#ifndef VMM_REPORT_BENCH_MAIN_H
#define VMM_REPORT_BENCH_MAIN_H

#include <stdbool.h>

enum bench_status {
	BENCH_OK = 0,
	BENCH_FAILED = 1,
	BENCH_USAGE = 2,
};

struct bench_arguments {
	const char *dir;  /* of the systems to run */
	const char *root; /* what /hyperhurd stands for, or NULL */
	const char *json; /* where to write the figures, or NULL */
	bool help;
};

/**
 * bench_main - the command's main function.
 * @help: all that --help says
 * @run:  on the host: measure, print, write; returns enum bench_status
 *
 * Returns the exit status.
 */
int bench_main(int argc, char **argv, const char *help,
	int (*run)(const struct bench_arguments *args));

#endif
