/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a database does: scans of a table, and between its pages look-ups of an
 * index at random places.  The same for a task that pages itself and for a
 * process of Linux.
 */
#ifndef TESTS_BENCH_LOOKUP_H
#define TESTS_BENCH_LOOKUP_H

#include <stdint.h>

#define LOOKUP_PAGE 4096u
#define LOOKUP_FRAMES 1024u /* of memory for both */
#define LOOKUP_TABLE 3200u  /* pages */
#define LOOKUP_INDEX 512u
#define LOOKUP_SCANS 4u

/** lookup_run - returns the sum of a word of all pages that were read. */
static inline uint64_t lookup_run(
	const volatile void *table, const volatile void *index)
{
	uint64_t state = 1, sum = 0;

	for (unsigned scan = 0; scan < LOOKUP_SCANS; scan++)
		for (unsigned i = 0; i < LOOKUP_TABLE; i++) {
			unsigned page = (unsigned)(state >> 33) % LOOKUP_INDEX;

			sum += ((const volatile uint64_t *)
					table)[i * (LOOKUP_PAGE / 8)];
			sum += ((const volatile uint64_t *)
					index)[page * (LOOKUP_PAGE / 8)];
			state = state * 6364136223846793005u + 1;
		}
	return sum;
}

#endif
