/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A known amount of work: computation that takes a given time on a CPU that
 * does nothing else.  Not a wait for the clock, which would count the time of
 * others as its own.
 */
#ifndef SERVERS_WORKLOAD_WORK_H
#define SERVERS_WORKLOAD_WORK_H

#include <stdint.h>

#include "servers/lib/libl4/message.h"

/** Turns of the loop in a thousand microseconds. */
struct work_rate {
	uint64_t turns_per_ms;
};

/**
 * work_calibrate - find out how fast this CPU is.
 * @tsc_khz: of the TSC
 *
 * Takes the minimum over short runs, so being interrupted does no harm.
 */
struct work_rate work_calibrate(uint64_t tsc_khz);

/** work_do - compute for @us microseconds of CPU time. */
void work_do(struct work_rate rate, uint64_t us);

/** work_asked_us - MR1 of the request just received, @limit at most. */
uint64_t work_asked_us(L4_MsgTag_t tag, uint64_t limit);

/** work_tsc - the time-stamp counter. */
static inline uint64_t work_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif
