/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who runs next: round robin within 256 priorities, and the dispatch point.
 *
 * The running thread is in no queue; neither are blocked ones.  A thread that
 * a message has just woken waits in one place of its own ("next") until the
 * dispatch: mostly it runs at once, and the ready queue is not touched.
 */
#ifndef GUESTKERNEL_SCHED_H
#define GUESTKERNEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/foreign.h"
#include "guestkernel/ready.h"
#include "guestkernel/thread.h"
#include "guestkernel/timeout.h"
#include "guestkernel/x86/fpu.h"
#include "guestkernel/x86/gdt.h"
#include "guestkernel/x86/ptab.h"

/* Woken, not in the ready queue yet. */
extern struct tcb *sched_next;

/*
 * When the timers are to be looked at: control_page.next_timer.  Not later
 * than the earliest timeout and the end of the time slice.
 */
extern uint64_t sched_timer;

/** sched_is_halted - @t is not to run; strings of halted threads go on. */
static inline bool sched_is_halted(const struct tcb *t)
{
	return (t->flags & (THREAD_HALTED | THREAD_STRING)) == THREAD_HALTED;
}

/** sched_can_run - @t is ready and not halted. */
static inline bool sched_can_run(const struct tcb *t)
{
	return !sched_is_halted(t) && t->state == THREAD_READY;
}

/** sched_wake - @t, which was blocked, is ready now. */
void sched_wake(struct tcb *t);

/** sched_remove - @t shall not run: take it out of any queue. */
void sched_remove(struct tcb *t);

/** sched_set_priority - change it, whatever @t is doing. */
void sched_set_priority(struct tcb *t, uint8_t priority);

/** sched_others_ready - some thread besides the running one can go on. */
static inline bool sched_others_ready(void)
{
	return ready_highest >= 0 || sched_next;
}

/** sched_any_ready - some thread, the running one included, can go on. */
static inline bool sched_any_ready(void)
{
	return sched_others_ready() || sched_can_run(current);
}

/**
 * sched_is_quiet - @t, the running thread, is the one to go on, and there is
 * nothing that a dispatch would have to look at.
 */
bool sched_is_quiet(const struct tcb *t) __attribute__((noinline));

/**
 * sched_change_places - @self, the running thread, and the first of its ready
 * equals, if they are all that a dispatch would have to look at.
 * @to: that one's id, which goes on with the slice that runs; or 0 to yield:
 *      behind all equals, and it begins one of its own
 *
 * Returns who runs then, or NULL if it is not as easy as that; then nothing was
 * done.
 */
struct tcb *sched_change_places(struct tcb *self, uint64_t to);

/**
 * sched_donate - run @t, which is in the ready queue, for the rest of the time
 * slice of @self, the running thread, whatever their priorities.
 *
 * Takes effect at the dispatch; it ends earlier if there is something to do.
 */
void sched_donate(struct tcb *self, struct tcb *t);

/** sched_slice_left - TSC ticks; 0: the slice is over; not if it is infinite. */
uint64_t sched_slice_left(const struct tcb *t);

/** sched_charge - take its time so far off the running thread's quantum. */
void sched_charge(void);

/**
 * sched_resume - make @t the running thread: its space, its entry stack, its
 * UTCB.  It is in no queue.
 */
void sched_resume(struct tcb *t) __attribute__((noinline));

/**
 * dispatch - the idle point: take events, requests of timeouts and of the
 * VMM, and return the thread to run.
 *
 * Returns when a thread is ready; until then the domain waits in the VMM.
 */
struct tcb *dispatch(void);

#endif
