/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one clock: the time stamp counter, which guests read as well.
 *
 * Every domain has TSC offset 0 or the VMM's own, so a tick means the same on
 * both sides; nanoseconds appear only towards the host kernel and people.
 */
#ifndef VMM_CLOCK_H
#define VMM_CLOCK_H

#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

/**
 * clock_setup - tell the clock its rate.
 * @khz: TSC ticks a millisecond, 1000..100000000, as KVM_GET_TSC_KHZ gives it
 *
 * Called once, before any other thread is started.
 */
void clock_setup(uint64_t khz);

/** clock_tsc_khz - the rate given to clock_setup. */
uint64_t clock_tsc_khz(void);

/** clock_us_mult - microseconds = ticks * this >> 64. */
uint64_t clock_us_mult(void);

/** clock_now - the TSC. */
static inline uint64_t clock_now(void)
{
	uint32_t low;
	uint32_t high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/** clock_ticks_from_ns - ticks in @ns nanoseconds, CLOCK_NEVER if too many. */
uint64_t clock_ticks_from_ns(uint64_t ns);

/** clock_ns_from_ticks - nanoseconds in @ticks, rounded down. */
uint64_t clock_ns_from_ticks(uint64_t ticks);

/** clock_ticks_from_us - ticks in @us microseconds, CLOCK_NEVER if too many. */
uint64_t clock_ticks_from_us(uint64_t us);

/** clock_ns - now in nanoseconds since the TSC was 0. */
uint64_t clock_ns(void);

#endif
