/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a system that measures, in a process of its own.
 */
#ifndef VMM_REPORT_RUN_BENCH_H
#define VMM_REPORT_RUN_BENCH_H

#include "vmm/system.h"

struct run_bench {
	const char *dir;    /* of configurations */
	const char *root;   /* what /hyperhurd stands for, or NULL */
	const char *system; /* below @dir */
	const char *name;   /* of the run */
	unsigned limit_s;
	enum runner runner;
};

/**
 * run_bench - launch it and wait for its end.
 * @m: OUT, what it has measured
 *
 * Returns 0; -EINVAL (the configuration is wrong, and it was said where);
 * -ECHILD (the run failed); other errors of reading it were said, too.
 */
__attribute__((warn_unused_result)) int run_bench(
	const struct run_bench *bench, struct measurement *m);

#endif
