/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conversions between ticks and nanoseconds.  The rate is written once at
 * start and only read afterwards.
 */
#include "vmm/clock.h"

static uint64_t khz = 1000000;

static uint64_t mul_div(uint64_t a, uint64_t mul, uint64_t div)
{
	unsigned __int128 q = (unsigned __int128)a * mul / div;

	return q > UINT64_MAX ? CLOCK_NEVER : (uint64_t)q;
}

void clock_setup(uint64_t tsc_khz)
{
	khz = tsc_khz;
}

uint64_t clock_tsc_khz(void)
{
	return khz;
}

uint64_t clock_us_mult(void)
{
	return (uint64_t)((((unsigned __int128)1 << 64) * 1000 - 1) / khz);
}

uint64_t clock_ticks_from_ns(uint64_t ns)
{
	return mul_div(ns, khz, 1000000);
}

uint64_t clock_ns_from_ticks(uint64_t ticks)
{
	return mul_div(ticks, 1000000, khz);
}

uint64_t clock_ticks_from_us(uint64_t us)
{
	return mul_div(us, khz, 1000);
}

uint64_t clock_ns(void)
{
	return clock_ns_from_ticks(clock_now());
}
