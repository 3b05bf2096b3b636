/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A known amount of work.
 */
#include "servers/workload/work.h"

#define RUNS 16
#define RUN_TURNS 20000

/* A chain of multiplications, which no compiler and no CPU can shorten. */
__attribute__((noinline)) static uint64_t work_turns(uint64_t turns)
{
	uint64_t x = 1;

	for (uint64_t i = 0; i < turns; i++) {
		x = x * UINT64_C(6364136223846793005) + 1;
		__asm__ volatile("" : "+r"(x));
	}
	return x;
}

struct work_rate work_calibrate(uint64_t tsc_khz)
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < RUNS; i++) {
		uint64_t start = work_tsc();

		(void)work_turns(RUN_TURNS);

		uint64_t ticks = work_tsc() - start;

		if (ticks < best)
			best = ticks;
	}
	if (best == 0)
		best = 1;
	return (struct work_rate){tsc_khz * RUN_TURNS / best};
}

void work_do(struct work_rate rate, uint64_t us)
{
	(void)work_turns(rate.turns_per_ms * us / 1000);
}

uint64_t work_asked_us(L4_MsgTag_t tag, uint64_t limit)
{
	uint64_t us = 0;

	if (msgtag_untyped(tag) >= 1)
		L4_StoreMR(1, &us);
	return us < limit ? us : limit;
}
