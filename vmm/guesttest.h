/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest tests: systems below tests/guest of the build folder, one domain of
 * which prints TAP.
 */
#ifndef VMM_GUESTTEST_H
#define VMM_GUESTTEST_H

#include <stdio.h>

#include "vmm/report/json.h"

#define GUESTTEST_MAX 128
#define GUESTTEST_NAME_MAX 64 /* bytes, with the NUL */
#define GUESTTEST_WHY_MAX 96

struct guesttest {
	char name[GUESTTEST_NAME_MAX];
	unsigned planned; /* as its plan says */
	unsigned passed;
	unsigned failed;
	unsigned skipped;
	char why[GUESTTEST_WHY_MAX]; /* it failed as a whole; "" if not */
};

/**
 * guesttest_list - the tests that there are, by name.
 * @only: one name, or NULL for all
 * @out:  room for GUESTTEST_MAX
 *
 * Returns how many, or the error of opendir(3) as -errno.
 */
__attribute__((warn_unused_result)) int guesttest_list(
	const char *only, struct guesttest *out);

/**
 * guesttest_run - launch one system and read its TAP.
 * @tap:     where its lines go, numbered on from @number, the name before
 *           each description; what else it prints becomes comments
 * @number:  of the last line that came before; advanced
 */
void guesttest_run(struct guesttest *test, FILE *tap, unsigned *number);

/** guesttest_passed - all that it planned was seen, and nothing failed. */
bool guesttest_passed(const struct guesttest *test);

#endif
