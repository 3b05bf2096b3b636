/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/clock.h"

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* The longest period, 1023 << 31 us, at 8 GHz still fits. */
uint64_t clock_ticks(uint64_t us)
{
	return mul_div(us, CONTROL->tsc_khz, 1000);
}

uint64_t clock_us(uint64_t ticks)
{
	return mul_high(ticks, CONTROL->us_mult);
}

uint64_t clock_system_us(void)
{
	return clock_us(rdtsc() + CONTROL->tsc_offset);
}

uint64_t clock_ticks_of(l4_time_t timeout)
{
	uint64_t us, now;

	if (time_is_never(timeout))
		return CONTROL_NEVER;
	if (time_is_point(timeout)) {
		now = clock_system_us();
		us = time_point_us(timeout, now);
		us = us > now ? us - now : 0;
	} else {
		us = time_period_us(timeout);
	}
	return clock_ticks(us);
}

uint64_t clock_deadline(l4_time_t timeout)
{
	uint64_t ticks = clock_ticks_of(timeout);

	return rdtsc() + ticks;
}
