/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times in 16 bits: the timeouts of Ipc, the lengths in Schedule.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Time" and "IPC" (timeouts).
 *
 *    15 14    11 10 9         0
 *   +--+-----------+-----------+
 *   | 0|   e (5)   |     m     |   a period of m * 2^e microseconds
 *   | 1| e (4)  | c|     m     |   a point on the clock, see time_point_us
 *   +--+--------+--+-----------+
 */
#ifndef GUESTKERNEL_ABI_TIME_H
#define GUESTKERNEL_ABI_TIME_H

#include <stdbool.h>
#include <stdint.h>

/** A struct, so that a time is never taken for microseconds. */
typedef struct {
	uint16_t raw;
} l4_time_t;

_Static_assert(sizeof(l4_time_t) == 2, "two times in one timeouts word");

#define TIME_NEVER ((l4_time_t){0})
#define TIME_ZERO_RAW 0x0400
#define TIME_ZERO ((l4_time_t){TIME_ZERO_RAW})

#define TIME_POINT_BIT 0x8000u
#define TIME_MANTISSA_MASK 0x3ffu
#define TIME_MANTISSA_MAX 1023u
#define TIME_MANTISSA_BITS 10
#define TIME_EXPONENT_SHIFT 10 /* of a period */
#define TIME_EXPONENT_MASK 0x1fu
#define TIME_CLOCK_SHIFT 10 /* c, of a point */
#define TIME_CLOCK_BIT (1u << TIME_CLOCK_SHIFT)
#define TIME_POINT_SHIFT 11 /* exponent of a point */
#define TIME_POINT_EXPONENT 0xfu

/* The timeouts word of Ipc: send in bits 16-31, receive in bits 0-15. */
#define TIMEOUTS(send, receive) \
	((uint64_t)(send).raw << 16 | (uint64_t)(receive).raw)
#define TIMEOUTS_SEND(word) ((l4_time_t){(uint16_t)((word) >> 16)})
#define TIMEOUTS_RECEIVE(word) ((l4_time_t){(uint16_t)(word)})

/** time_is_never - no limit. */
static inline bool time_is_never(l4_time_t t)
{
	return t.raw == 0;
}

/** time_is_point - a point on the clock rather than a period. */
static inline bool time_is_point(l4_time_t t)
{
	return (t.raw & TIME_POINT_BIT) != 0;
}

/** time_is_zero - a period of no length: at once or not at all. */
static inline bool time_is_zero(l4_time_t t)
{
	return !time_is_never(t) &&
	       (t.raw & (TIME_POINT_BIT | TIME_MANTISSA_MASK)) == 0;
}

/**
 * time_period - the shortest period that is not below @us.
 * @us: microseconds; more than the encoding holds gives TIME_NEVER
 */
static inline l4_time_t time_period(uint64_t us)
{
	unsigned e = 0;

	if (us == 0)
		return TIME_ZERO;
	if (us > TIME_MANTISSA_MAX) {
		/* If rounding up needs a bit more, it is that of e + 1. */
		e = 64 - TIME_MANTISSA_BITS - (unsigned)__builtin_clzll(us);
		us = ((us - 1) >> e) + 1;
		if (us > TIME_MANTISSA_MAX) {
			us >>= 1;
			e++;
		}
	}
	if (e > TIME_EXPONENT_MASK)
		return TIME_NEVER;

	return (l4_time_t){(uint16_t)(e << TIME_EXPONENT_SHIFT | us)};
}

/** time_period_us - length of a period in microseconds; not for never. */
static inline uint64_t time_period_us(l4_time_t t)
{
	return (uint64_t)(t.raw & TIME_MANTISSA_MASK)
	       << (t.raw >> TIME_EXPONENT_SHIFT & TIME_EXPONENT_MASK);
}

/**
 * time_point_us - the clock value that a point means.
 * @t:   a point
 * @now: the clock, microseconds
 *
 * A point gives bits e .. e+9 of the clock value and, as c, bit e+10; higher
 * bits are those of the clock now if its bit e+10 equals c, else the next.
 */
static inline uint64_t time_point_us(l4_time_t t, uint64_t now)
{
	unsigned e = t.raw >> TIME_POINT_SHIFT & TIME_POINT_EXPONENT;
	uint64_t high = now >> e >> TIME_MANTISSA_BITS;

	high += (high ^ t.raw >> TIME_CLOCK_SHIFT) & 1;
	return (high << TIME_MANTISSA_BITS | (t.raw & TIME_MANTISSA_MASK)) << e;
}

/**
 * time_point - encode a clock value with the finest step that reaches it.
 * @at:  clock value, microseconds, later than @now
 * @now: the clock, microseconds
 *
 * Returns a point at most one step after @at; TIME_NEVER if @at is further
 * away than the coarsest step can say (33 s).
 */
static inline l4_time_t time_point(uint64_t at, uint64_t now)
{
	for (unsigned e = 0; e <= TIME_POINT_EXPONENT; e++) {
		uint64_t step = UINT64_C(1) << e;
		uint64_t up = (at + step - 1) & ~(step - 1);
		uint64_t high = up >> (e + TIME_MANTISSA_BITS);

		if (high - (now >> (e + TIME_MANTISSA_BITS)) > 1)
			continue;
		return (l4_time_t){
			(uint16_t)(TIME_POINT_BIT | e << TIME_POINT_SHIFT |
				   ((high & 1) ? TIME_CLOCK_BIT : 0u) |
				   (up >> e & TIME_MANTISSA_MASK))};
	}
	return TIME_NEVER;
}

#endif
