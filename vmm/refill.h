/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes back to a budget, and when: in the order of time, bounded.
 */
#ifndef VMM_REFILL_H
#define VMM_REFILL_H

#include <stdint.h>

/*
 * A budget comes back at so many points of a period; what is due between two of
 * them comes at the later one.  So a context that sleeps often needs no more
 * records than that, and nobody gets anything too early.
 */
#define REFILL_POINTS 16
#define REFILLS_MAX (REFILL_POINTS + 2)

struct refills {
	unsigned nr;
	struct {
		uint64_t at;
		uint64_t amount;
	} item[REFILLS_MAX];
};

/**
 * refill_point - the first point from @at on.
 * @release: of a period that began before @at
 * @period:  not 0
 *
 * The releases themselves are points.
 */
uint64_t refill_point(uint64_t at, uint64_t release, uint64_t period);

/**
 * refill_add - @amount comes back at @at, not before the one added last.
 *
 * If there is no room it comes with the last one, whichever is later.
 */
void refill_add(struct refills *r, uint64_t at, uint64_t amount);

/** refill_next - when the first one comes; CLOCK_NEVER: there is none. */
uint64_t refill_next(const struct refills *r);

/** refill_take - remove the first one; returns its amount, 0 if none. */
uint64_t refill_take(struct refills *r);

#endif
