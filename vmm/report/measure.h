/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd measure: run system after system and write down what was seen.
 *
 * Owner: vmm/report.  What campaigns of `hyperhurd crosstalk` are made of: it
 * judges nothing and compares nothing.
 */
#ifndef VMM_REPORT_MEASURE_H
#define VMM_REPORT_MEASURE_H

#include <limits.h>
#include <stdio.h>

#include "vmm/report/pair.h"

#define MEASURE_VERSION 1u
#define MEASURE_INTERVAL_MAX_MS 3600000u

/* One system, and what it gave. */
struct measure_run {
	char system[NAME_MAX + 1]; /* name of its folder */
	const char *error;	   /* NULL, or why there is no result */
	struct pair_result result;
	char *closeups;	      /* see closeup.h; NULL: none wanted */
	uint64_t events_lost; /* of the trace that they are from */
};

/**
 * measure_main - the command.
 *
 * Exit status: 0; 1 a run failed (the others are reported); 2 wrong
 * configuration or arguments; 128 + signal.
 */
int measure_main(int argc, char **argv);

/** measure_json - what was seen, for programs; returns as json_close(). */
__attribute__((warn_unused_result)) int measure_json(
	const struct measure_run *run, unsigned nr, FILE *out);

#endif
