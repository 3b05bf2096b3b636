/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Executors: one thread per host CPU, which runs every vCPU placed there.
 *
 * An executor is an event loop and a scheduler over the contexts of its
 * domains.  A call lends the caller's context to the server's vCPU: where a
 * context runs is found by following its outstanding calls.
 */
#ifndef VMM_EXECUTOR_H
#define VMM_EXECUTOR_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "vmm/context.h"
#include "vmm/domain.h"
#include "vmm/ownthread.h"
#include "vmm/timer.h"
#include "vmm/trace/trace.h"

struct system;

#define EXECUTOR_PRIORITY 10 /* of SCHED_FIFO */

struct executor {
	struct system *system;
	unsigned cpu;
	pthread_t thread;
	bool joinable; /* there is one; known to who makes and joins it */
	bool started;  /* it runs, under the lock */

	/* Of a domain's own thread only; NULL: an executor of a CPU. */
	struct executor *beside; /* that of its CPU */
	struct ownthread own;

	/* Accounts, in ticks. */
	uint64_t started_at;
	uint64_t idle;
	uint64_t host_time;
	uint64_t longest_step;
	enum spent longest_cause;     /* of its end */
	uint64_t longest_step_marked; /* since system_mark() */
	uint64_t steps;

	struct trace_ring *trace; /* NULL: off */
	struct timer_heap timers;
	struct context host;
	unsigned nr_domains;
	struct domain *domain[LAUNCH_DOMAINS_MAX];

	/* The current decision. */
	struct context *current; /* who pays from `charged_until` on */
	struct domain *running;	 /* whose vCPU */
	const struct call *via;	 /* queued call on the way to it */
	bool helping;		 /* it serves another request meanwhile */
	uint64_t charged_until;	 /* CLOCK_NEVER: see struct ownthread */
	uint64_t spent_until;	 /* likewise, by cause */
	enum spent cause;	 /* of the time from there on */
	uint64_t slice_end; /* the decision holds until then at the latest */
	bool decide;	    /* it does not hold any more */
	uint64_t walk;	    /* mark of the newest walk along calls */
	uint64_t stuck; /* of domains that nobody gets on from; 0: unknown */
	uint64_t slack_floor; /* virtual time of the slack last given */
	uint64_t step_began;

	/* Interrupting the guest. */
	timer_t preempt_timer;
	uint64_t preempt_at; /* what it is armed for; CLOCK_NEVER: nothing */
	int wake_fd;
	struct executor *to_wake; /* without the lock; NULL: nobody */
	volatile sig_atomic_t kicked;
	bool sleeping;
	struct kvm_run *volatile run; /* in or about to enter the guest */
	bool real_time;
};

/**
 * executor_init - an executor for host CPU @cpu, without a thread yet.
 *
 * Returns 0 or -errno of eventfd.
 */
__attribute__((warn_unused_result)) int executor_init(
	struct executor *ex, struct system *system, unsigned cpu);

/** executor_start - start the thread, real-time if that is allowed. */
__attribute__((warn_unused_result)) int executor_start(struct executor *ex);

/** executor_join - wait for the thread, if any; the system is stopping. */
void executor_join(struct executor *ex);

/** executor_destroy - free what executor_init made. */
void executor_destroy(struct executor *ex);

/**
 * executor_kick - have @ex look at its domains again soon.
 *
 * The system's lock is held.  Harmless at any time.
 */
void executor_kick(struct executor *ex);

/**
 * executor_settle - bring all accounts up to now, whatever it does.
 *
 * The system's lock is held, by whatever thread.
 */
void executor_settle(struct executor *ex);

/** executor_charge - charge the time up to now to who has used it. */
void executor_charge(struct executor *ex, uint64_t now);

/**
 * executor_spend - book the time up to now under its cause, with who pays.
 *
 * At every entry and exit, so it is short.  The next cause is the caller's to
 * set.
 */
static inline void executor_spend(struct executor *ex, uint64_t now)
{
	if (now <= ex->spent_until) {
		if (ex->beside)
			ownthread_spend(ex);
		return;
	}
	if (ex->current)
		ex->current->spent[ex->cause] += now - ex->spent_until;
	ex->spent_until = now;
}

/**
 * executor_trace_owner - trace who pays from now on.
 *
 * When a domain's own thread has nothing to do, that is whoever it had taken
 * the CPU from.
 */
static inline void executor_trace_owner(const struct executor *ex)
{
	const struct executor *of =
		ex->current || !ex->beside ? ex : ex->beside;
	const struct context *c = of->current;
	bool slack = c && c->domain && !context_has_budget(c);

	trace_point(ex->trace, TRACE_SCHEDULE,
		!c	    ? TRACE_NOBODY
		: c->domain ? c->domain->index
			    : TRACE_HOST,
		slack ? TRACE_IN_SLACK : 0,
		of != ex && of->run ? of->running->index + UINT64_C(1) : 0);
}

/**
 * executor_context_ready - whether @c could use the CPU now.
 *
 * Not for its domain's vCPU if that has nothing to do but what others have
 * asked for, and can pay for.
 */
bool executor_context_ready(struct executor *ex, struct context *c);

/**
 * executor_choose - decide who pays and runs from @now on: sets current and
 * slice_end.
 */
void executor_choose(struct executor *ex, uint64_t now);

#endif
