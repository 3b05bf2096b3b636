/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scheduling contexts: who may use a CPU, how much of it, and who pays.
 *
 * A context with a reservation gets `slice` in each `period`, to be received
 * by `deadline` after the release, under earliest deadline first.  What is left
 * of the CPU is slack, shared by weight.  Time is in TSC ticks.
 *
 * A context that is notified of its releases is *clocked*: it has its slice at
 * each release, and sleep counts as use.  Any other is a sporadic server: what it has not used stays, and is due `deadline` after
 * it becomes ready; what it has used comes back one period after it became
 * ready.  So each part of the slice is a task with the reservation's period and
 * deadline, which is what was admitted.
 *
 * Sources: Leslie et al., "The Design and Implementation of an Operating
 * System to Support Distributed Multimedia Applications" (1996); Sprunt et al.,
 * "Aperiodic Task Scheduling for Hard-Real-Time Systems" (1989); Ghazalie and
 * Baker, "Aperiodic Servers in a Deadline Scheduling Environment" (1995).
 */
#ifndef VMM_CONTEXT_H
#define VMM_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/refill.h"
#include "vmm/report/sample.h"
#include "vmm/timer.h"

struct executor;
struct domain;

struct context {
	struct domain *domain; /* NULL: the host's own */
	struct executor *ex;

	/* The reservation; period != 0 and slice == 0: a period only. */
	uint64_t slice;
	uint64_t period;
	uint64_t deadline;
	uint32_t slack; /* weight in what is left; 0: none */

	/* Now. */
	uint64_t release;      /* when the current period began */
	int64_t budget;	       /* usable; below 0 after a late preemption */
	uint64_t usable_since; /* the budget's own release */
	uint64_t deadline_at;  /* of the budget */
	bool ready;	       /* had something to run when last looked at */
	uint64_t slept_at;     /* since when it had not, if so */
	uint64_t virtual_time; /* slack received by weight */
	struct timer release_timer;
	struct timer deadline_timer; /* of the period */

	/* A sporadic server's. */
	uint64_t used;	       /* since usable_since, comes back later */
	struct refills refill; /* what comes back */
	struct timer refill_timer;
	struct timer due_timer; /* at deadline_at, while there is budget */
	bool broken;		/* a deadline of this period's budgets */

	/* The current period's sample. */
	uint64_t first_entry;
	uint64_t received;
	struct period_log *log; /* NULL: no period */

	/* Accounts, in ticks. */
	uint64_t own;
	uint64_t lent;
	uint64_t for_others;
	uint64_t spent[NR_SPENT]; /* all three, by cause */
	uint64_t periods;
	uint64_t missed;
};

/**
 * context_init - a context on @ex without a reservation.
 * @domain: whose it is; NULL for the host's own
 */
void context_init(
	struct context *c, struct executor *ex, struct domain *domain);

/**
 * context_reserve - set the reservation; the first release is at @now.
 * @slice, @period, @deadline: ticks, slice <= deadline <= period; a slice of 0
 *     keeps the releases and gives no guarantee
 *
 * Admission is the caller's business.
 */
void context_reserve(struct context *c, uint64_t slice, uint64_t period,
	uint64_t deadline, uint64_t now);

/** context_end - disarm its timers. */
void context_end(struct context *c);

/** context_has_budget - a reservation with time left. */
static inline bool context_has_budget(const struct context *c)
{
	return c->slice && c->budget > 0;
}

/** context_wake - it has become ready: what is usable is due from now on. */
void context_wake(struct context *c, uint64_t now);

/** context_sleep - it is not ready any more. */
void context_sleep(struct context *c, uint64_t now);

/** context_consume - it has had @t ticks, up to @now, from its budget. */
void context_consume(struct context *c, uint64_t t, uint64_t now);

/**
 * context_charge_own - it has had @t ticks, up to @now, and neither lent them
 * nor used them for others.
 */
void context_charge_own(struct context *c, uint64_t t, uint64_t now);

/** context_next_release - TSC value of the next release. */
uint64_t context_next_release(const struct context *c);

#endif
