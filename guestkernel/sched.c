/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/sched.h"

#include "guestkernel/interrupt.h"
#include "guestkernel/ipc.h"
#include "guestkernel/remote.h"
#include "guestkernel/string.h"
#include "guestkernel/timeout.h"
#include "guestkernel/x86/insn.h"

struct tcb *sched_next;
uint64_t sched_timer = TIMEOUT_NEVER;

/* End of the running thread's time slice; it counts only among equals. */
static uint64_t slice_end = TIMEOUT_NEVER;

static void take_next(void)
{
	sched_next->queue = QUEUE_NONE;
	sched_next = NULL;
}

void sched_wake(struct tcb *t)
{
	t->state = THREAD_READY;
	if (t == current || (t->flags & THREAD_HALTED))
		return;
	if (sched_next) {
		ready_add_last(t);
		return;
	}
	sched_next = t;
	t->queue = QUEUE_NEXT;
}

void sched_remove(struct tcb *t)
{
	if (t->queue == QUEUE_READY)
		ready_remove(t);
	else if (t->queue == QUEUE_NEXT)
		take_next();
}

void sched_set_priority(struct tcb *t, uint8_t priority)
{
	bool queued = t->queue == QUEUE_READY;

	if (queued)
		ready_remove(t);
	t->priority = priority;
	if (queued)
		ready_add_last(t);
}

void sched_yield(void)
{
	if (ready_highest < current->priority)
		return;
	slice_end = TIMEOUT_NEVER;
	ready_add_last(current);
}

struct tcb *sched_donate(struct tcb *t)
{
	ready_remove(t);
	ready_add_first(current);
	sched_resume(t);
	return t;
}

/* The running thread, if it can go on, against the one just woken. */
static struct tcb *candidate(void)
{
	struct tcb *t = current;
	struct tcb *woken = sched_next;

	if (woken)
		take_next();
	if (!sched_can_run(t) || t->queue == QUEUE_READY)
		return woken;
	if (!woken)
		return t;
	if (woken->priority > t->priority) {
		ready_add_first(t);
		return woken;
	}
	ready_add_last(woken);
	return t;
}

static struct tcb *choose(void)
{
	struct tcb *t = candidate();

	if (t && t->priority >= ready_highest)
		return t;
	if (t && t == current)
		ready_add_first(t);
	else if (t)
		ready_add_last(t);
	slice_end = TIMEOUT_NEVER;
	return ready_take();
}

static void check_slice(uint64_t now)
{
	if (now < slice_end)
		return;
	slice_end = TIMEOUT_NEVER;
	if (sched_can_run(current) && current->queue == QUEUE_NONE &&
		ready_highest >= current->priority)
		ready_add_last(current);
}

static void check_timers(void)
{
	uint64_t now = rdtsc();
	struct tcb *t;

	if (now < sched_timer)
		return;
	sched_timer = TIMEOUT_NEVER;
	CONTROL->next_timer = CONTROL_NEVER; /* or it stays due */
	while ((t = timeout_first()) && t->deadline <= now)
		ipc_timeout(t);
	check_slice(now);
}

/* Only among equals is there a slice to end. */
static void start_slice(const struct tcb *t)
{
	if (t->priority != ready_highest || !t->slice)
		slice_end = TIMEOUT_NEVER;
	else if (slice_end == TIMEOUT_NEVER)
		slice_end = rdtsc() + t->slice;
}

/*
 * Have the VMM look again in time.  It may do so too early: most timeouts are
 * over before they end, and a timer that is put off costs nothing.  Returns
 * true if it has to hear of this one at once.
 */
static bool announce_timer(void)
{
	uint64_t timer = timeout_next();

	if (slice_end < timer)
		timer = slice_end;
	if (timer >= sched_timer)
		return false;
	sched_timer = timer;
	CONTROL->next_timer = timer;
	return timer < CONTROL->armed_until;
}

static void take_events(void)
{
	if (CONTROL->event.type != EVENT_NONE)
		remote_event();
	if (CONTROL->notified)
		interrupt_take();
	if (sched_timer != TIMEOUT_NEVER)
		check_timers();
}

struct tcb *dispatch(void)
{
	for (;;) {
		struct tcb *t;

		take_events();
		if (remote_work) {
			remote_act();
			continue;
		}
		t = choose();
		if (t)
			start_slice(t);
		else
			slice_end = TIMEOUT_NEVER;
		if (announce_timer() && t) {
			if (t != current)
				ready_add_first(t);
			remote_leave(ACTION_TIMER);
			continue;
		}
		if (t) {
			sched_resume(t);
			if (!(t->flags & THREAD_STRING))
				return t;
			string_continue(t);
			continue;
		}
		if (!thread_any_left())
			remote_stop();
		remote_leave(ACTION_WAIT);
	}
}
