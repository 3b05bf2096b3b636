/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd crosstalk: how much does one domain's activity disturb another?
 *
 * Owner: vmm/report.  Runs every victim beside every antagonist, with and
 * without reservations, and writes a table and report.json.
 */
#ifndef VMM_REPORT_CROSSTALK_H
#define VMM_REPORT_CROSSTALK_H

#include <stdio.h>

#include "vmm/report/pair.h"

#define CROSSTALK_VERSION 1u
#define CROSSTALK_PAIRS_MAX 64

/* One pair and what it gave. */
struct crosstalk_pair {
	char victim[BOOT_NAME_MAX];
	char antagonist[BOOT_NAME_MAX];
	bool unreserved;
	struct pair_result result;
};

struct crosstalk {
	unsigned periods;
	unsigned nr_pairs;
	struct crosstalk_pair pair[2 * CROSSTALK_PAIRS_MAX];
};

/**
 * crosstalk_main - the command.
 *
 * Exit status: 0; 1 a run failed (the others are reported); 2 wrong
 * configuration or arguments; 128 + signal.
 */
int crosstalk_main(int argc, char **argv);

/** crosstalk_table - for people. */
void crosstalk_table(const struct crosstalk *crosstalk, FILE *out);

/** crosstalk_json - for programs; returns as json_close(). */
__attribute__((warn_unused_result)) int crosstalk_json(
	const struct crosstalk *crosstalk, FILE *out);

#endif
