/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scheduling contexts: who may use a CPU, how much of it, and who pays.
 *
 * A context with a reservation gets `slice` in each `period`, to be received
 * by `deadline` after the release; a constant-bandwidth server under earliest
 * deadline first.  What is left of the CPU is slack, shared by weight.  Time
 * is in TSC ticks.
 *
 * Sources: Leslie et al., "The Design and Implementation of an Operating
 * System to Support Distributed Multimedia Applications" (1996); Abeni and
 * Buttazzo, "Integrating Multimedia Applications in Hard Real-Time Systems"
 * (1998); Sprunt et al., "Aperiodic Task Scheduling for Hard-Real-Time Systems"
 * (1989), for what may be used after a sleep.
 */
#ifndef VMM_CONTEXT_H
#define VMM_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

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
	uint64_t deadline_at;  /* release + deadline */
	int64_t budget;	       /* left in it; below 0 after a late preemption */
	bool ready;	       /* had something to run when last looked at */
	uint64_t virtual_time; /* slack received by weight */
	struct timer release_timer;
	struct timer deadline_timer;

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

/** context_wake - it has become ready: the wake-up rule. */
void context_wake(struct context *c, uint64_t now);

/** context_next_release - TSC value of the next release. */
uint64_t context_next_release(const struct context *c);

#endif
