/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From period samples to what is reported: missed deadlines and jitter.
 *
 * Owner: vmm/report.  Pure arithmetic.
 */
#ifndef VMM_REPORT_JITTER_H
#define VMM_REPORT_JITTER_H

#include <stdint.h>

#include "vmm/report/sample.h"

struct jitter {
	uint32_t periods;
	uint32_t missed;
	uint32_t not_started; /* not entered until the deadline */
	uint64_t p50_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
};

/* What the domain was promised; or would have been, had it a reservation. */
struct promise {
	uint64_t slice_ns;
	uint64_t period_ns;
	uint64_t deadline_ns;
};

/**
 * jitter_evaluate - judge consecutive periods.
 * @sample:    @nr of them, in order; the first one is only where the second
 *             one's distance is measured from
 * @deviation: scratch memory for @nr numbers
 * @nr:        at least 2
 *
 * A period with a reservation is missed as the executor has judged; one without
 * if the domain was still ready at its deadline and had received less than its
 * slice would have been.  The jitter of a period is how far its start
 * (the first entry after the release) is from one period after the start
 * before it.  A domain that was not entered until its deadline counts as
 * started there, which is the least that can be said.
 */
struct jitter jitter_evaluate(const struct period_sample *sample, unsigned nr,
	const struct promise *promise, uint64_t *deviation);

#endif
