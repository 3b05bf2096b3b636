/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host thread for one domain, beside the executor of its CPU: Linux decides
 * when it runs, and an eventfd wakes it.
 *
 * It is an executor like any other, with one domain.  What it has had of the
 * CPU is its thread's time, and that is missing to the other executor.
 */
#ifndef VMM_OWNTHREAD_H
#define VMM_OWNTHREAD_H

#include <sched.h>
#include <stdint.h>
#include <time.h>

struct executor;

/* How the host schedules such a thread; compared with what it should be. */
struct ownthread_rank {
	uint32_t slice_us; /* 0: an ordinary thread */
	uint32_t period_us;
};

/* What an executor has besides if it is such a thread; ticks by its clock. */
struct ownthread {
	struct ownthread_rank rank;
	clockid_t clock;
	uint64_t charged_until;
	uint64_t spent_until;
};

/**
 * ownthread_begin - the calling thread is @ex's: a name, its clock, and one
 * entry of its vCPU before it has a deadline (Linux 6.18 makes a thread of its
 * own then, which a thread with a deadline may not).
 */
void ownthread_begin(struct executor *ex);

/**
 * ownthread_rank - be scheduled by the host as the domain's reservation is
 * now; called by @ex's thread, changes something only if that has changed.
 *
 * With a slice: SCHED_DEADLINE, which the host gives to a thread that may not
 * leave its CPU only where it has no other; else SCHED_FIFO above executors.
 * Without one, or where neither is allowed: an ordinary thread.
 */
void ownthread_rank(struct executor *ex);

/**
 * ownthread_charge - what @ex's thread has had of the CPU since the last time
 * is its domain's, and none of the other executor's; by any thread.
 */
void ownthread_charge(struct executor *ex, uint64_t now);

/** ownthread_spend - likewise, by cause. */
void ownthread_spend(struct executor *ex);

#endif
