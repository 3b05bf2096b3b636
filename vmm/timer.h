/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers of one executor: a binary heap by TSC value.
 */
#ifndef VMM_TIMER_H
#define VMM_TIMER_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/clock.h"

#define TIMER_HEAP_MAX 16384

struct timer {
	uint64_t at;	/* TSC */
	uint32_t place; /* in the heap, from 1 on; 0: not set */
	void (*expire)(struct timer *timer, uint64_t now);
};

/* The struct of type @type whose member @name the timer @t is. */
#define TIMER_OF(t, type, name) \
	((type *)(void *)((char *)(t)-offsetof(type, name)))

struct timer_heap {
	uint32_t nr;
	struct timer *heap[TIMER_HEAP_MAX + 1];
};

/**
 * timer_set - (re)arm @t for @at; CLOCK_NEVER disarms it.
 *
 * The heap has room for every timer that exists (the caller's bound on
 * domains and call records), so it cannot fail.
 */
void timer_set(struct timer_heap *h, struct timer *t, uint64_t at);

/** timer_cancel - disarm; harmless if it is not armed. */
void timer_cancel(struct timer_heap *h, struct timer *t);

/** timer_next - TSC value of the earliest timer, or CLOCK_NEVER. */
static inline uint64_t timer_next(const struct timer_heap *h)
{
	return h->nr ? h->heap[1]->at : CLOCK_NEVER;
}

/**
 * timer_expire - run the expired timers, each disarmed before its call.
 * @max: no more than so many
 */
void timer_expire(struct timer_heap *h, uint64_t now, unsigned max);

#endif
