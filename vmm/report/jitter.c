/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Missed deadlines and jitter.
 */
#include "vmm/report/jitter.h"

#include <stdlib.h>

static uint64_t start_of(
	const struct period_sample *sample, const struct promise *promise)
{
	return sample->first_entry_ns
		       ? sample->first_entry_ns
		       : sample->release_ns + promise->deadline_ns;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Nearest rank: the smallest value that @percent of all do not exceed. */
static uint64_t percentile(
	const uint64_t *sorted, unsigned nr, unsigned percent)
{
	return sorted[((uint64_t)nr * percent + 99) / 100 - 1];
}

static bool missed(
	const struct period_sample *sample, const struct promise *promise)
{
	if (sample->guarantee != GUARANTEE_NONE)
		return sample->guarantee == GUARANTEE_BROKEN;
	return sample->ready_at_deadline &&
	       sample->received_by_deadline_ns < promise->slice_ns;
}

struct jitter jitter_evaluate(const struct period_sample *sample, unsigned nr,
	const struct promise *promise, uint64_t *deviation)
{
	struct jitter j = {.periods = nr - 1};

	for (unsigned i = 1; i < nr; i++) {
		const struct period_sample *s = &sample[i];
		uint64_t distance = start_of(s, promise) -
				    start_of(&sample[i - 1], promise);

		deviation[i - 1] = distance > promise->period_ns
					   ? distance - promise->period_ns
					   : promise->period_ns - distance;
		j.missed += missed(s, promise);
		j.not_started += !s->first_entry_ns;
	}
	qsort(deviation, j.periods, sizeof(*deviation), compare);
	j.p50_ns = percentile(deviation, j.periods, 50);
	j.p99_ns = percentile(deviation, j.periods, 99);
	j.max_ns = deviation[j.periods - 1];
	return j;
}
