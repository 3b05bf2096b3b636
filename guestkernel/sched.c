/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/sched.h"

#include "guestkernel/abi/syscall.h"
#include "guestkernel/clock.h"
#include "guestkernel/fault.h"
#include "guestkernel/interrupt.h"
#include "guestkernel/ipc.h"
#include "guestkernel/panic.h"
#include "guestkernel/remote.h"
#include "guestkernel/string.h"
#include "guestkernel/timeout.h"
#include "guestkernel/x86/insn.h"

struct tcb *sched_next;
uint64_t sched_timer = TIMEOUT_NEVER;

/* End of the running thread's time slice; it counts only among equals. */
static uint64_t slice_end = TIMEOUT_NEVER;

/* The running thread is not preempted before this; NEVER: nobody wants to. */
static uint64_t delay_end = TIMEOUT_NEVER;

/* Whose total quantum has been running down since charged_from; NULL: none. */
static struct tcb *charged;
static uint64_t charged_from;

/* What has become ready was not made so by the running thread itself. */
static bool asynchronous;

static struct tcb *donee; /* runs next, whatever its priority */

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

void sched_donate(struct tcb *t)
{
	if (slice_end == TIMEOUT_NEVER && current->slice)
		slice_end = rdtsc() + current->slice;
	ready_add_first(current);
	donee = t;
}

uint64_t sched_slice_left(const struct tcb *t)
{
	uint64_t now = rdtsc();

	if (t == current && slice_end != TIMEOUT_NEVER)
		return slice_end > now ? slice_end - now : 0;
	return t->slice_left ? t->slice_left : t->slice;
}

void sched_charge(void)
{
	struct tcb *t = charged;
	uint64_t used;

	if (!t)
		return;
	charged = NULL;
	used = rdtsc() - charged_from;
	t->quantum = used < t->quantum ? t->quantum - used : 0;
}

/* Does the running thread put off its preemption by @priority? */
static bool puts_off(struct tcb *t, int priority)
{
	uint64_t *flags = thread_tcr(t, UTCB_FLAGS);
	uint64_t now = rdtsc();

	if (!asynchronous || !(*flags & PREEMPT_DELAY) || !t->max_delay_us ||
		priority > t->sensitive_priority)
		return false;
	if (delay_end == TIMEOUT_NEVER)
		delay_end = now + clock_ticks(t->max_delay_us);
	if (now >= delay_end) {
		*flags &= ~(uint64_t)(PREEMPT_DELAY | PREEMPT_PENDING);
		return false;
	}
	*flags |= PREEMPT_PENDING;
	return true;
}

/* The running thread, which could go on, loses the processor. */
static void preempt(struct tcb *t)
{
	t->slice_left = slice_end == TIMEOUT_NEVER ? 0 : sched_slice_left(t);
	if (!asynchronous || (t->flags & THREAD_STRING) ||
		!(*thread_tcr(t, UTCB_FLAGS) & PREEMPT_SIGNAL))
		return;
	t->flags |= THREAD_PREEMPTED;
	t->message[1] = clock_system_us();
}

/* Can the running thread go on? */
static bool can_go_on(void)
{
	return sched_can_run(current) && current->queue == QUEUE_NONE;
}

static struct tcb *choose(void)
{
	struct tcb *t = sched_next;
	bool goes_on = can_go_on();

	if (t)
		take_next();
	if (goes_on) {
		if (t)
			ready_add_last(t);
		t = current;
	}
	if (t && t->priority >= ready_highest) {
		if (t != current || delay_end != slice_end)
			delay_end = TIMEOUT_NEVER;
		return t;
	}
	if (goes_on) {
		if (puts_off(t, ready_highest))
			return t;
		preempt(t);
		ready_add_first(t);
	} else if (t) {
		ready_add_last(t);
	}
	slice_end = TIMEOUT_NEVER;
	delay_end = TIMEOUT_NEVER;
	return ready_take();
}

/*
 * Somebody who was woken meanwhile is not to wait for a donation's end, and the
 * running thread would be in no queue.
 */
static struct tcb *take_donee(void)
{
	struct tcb *t = donee;

	donee = NULL;
	if (!t || sched_next || can_go_on() || t->queue != QUEUE_READY)
		return NULL;
	ready_remove(t);
	return t;
}

static void check_slice(uint64_t now)
{
	if (now < slice_end)
		return;
	if (can_go_on() && ready_highest >= current->priority) {
		if (puts_off(current, ready_highest)) {
			slice_end = delay_end;
			return;
		}
		preempt(current);
		ready_add_last(current);
	}
	slice_end = TIMEOUT_NEVER;
	delay_end = TIMEOUT_NEVER;
}

static void check_timers(void)
{
	uint64_t now = rdtsc();
	struct tcb *t;

	if (now < sched_timer)
		return;
	sched_timer = TIMEOUT_NEVER;
	CONTROL->next_timer = CONTROL_NEVER; /* or it stays due */
	while ((t = timeout_due(now)))
		ipc_timeout(t);
	check_slice(now);
}

/* Only among equals is there a slice to end. */
static void start_slice(struct tcb *t)
{
	if (!t || t->priority != ready_highest || !t->slice)
		slice_end = TIMEOUT_NEVER;
	else if (slice_end == TIMEOUT_NEVER)
		slice_end = rdtsc() + sched_slice_left(t);
}

/* From its choice on, a thread with a quantum pays for what happens. */
static void start_quantum(struct tcb *t)
{
	if (!t || !(t->flags & THREAD_QUANTUM) || !t->quantum)
		return;
	charged = t;
	charged_from = rdtsc();
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_timer(void)
{
	uint64_t timer = minimum(timeout_next(), minimum(slice_end, delay_end));

	return charged ? minimum(timer, charged_from + charged->quantum)
		       : timer;
}

/*
 * Have the VMM look again in time.  It may do so too early: most timeouts are
 * over before they end, and a timer that is put off costs nothing.  Returns
 * true if it has to hear of this one at once.
 */
static bool announce_timer(void)
{
	uint64_t timer = next_timer();

	if (timer >= sched_timer)
		return false;
	sched_timer = timer;
	CONTROL->next_timer = timer;
	return timer < CONTROL->armed_until;
}

/* Does @t, which is to run, have to do something before it is in user mode? */
static bool is_busy(struct tcb *t)
{
	if (!(t->flags & (THREAD_STRING | THREAD_PREEMPTED | THREAD_QUANTUM)))
		return false;
	if (t->flags & THREAD_STRING) {
		string_continue(t);
	} else if (t->flags & THREAD_PREEMPTED) {
		t->flags &= ~(uint32_t)THREAD_PREEMPTED;
		fault_preempted(t);
	} else if (!t->quantum) {
		fault_quantum(t);
	} else {
		return false;
	}
	return true;
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
	asynchronous = delay_end != TIMEOUT_NEVER ||
		       (!sched_next && ready_highest <= current->priority);
	for (;;) {
		struct tcb *t;

		sched_charge();
		take_events();
		if (remote_work) {
			remote_act();
			continue;
		}
		t = take_donee();
		if (!t) {
			t = choose();
			start_slice(t);
		}
		start_quantum(t);
		if (announce_timer() && t) {
			if (t != current) {
				ready_add_first(t);
				donee = t;
			}
			remote_leave(ACTION_TIMER);
			continue;
		}
		if (t) {
			sched_resume(t);
			if (!is_busy(t))
				return t;
			continue;
		}
		if (!thread_any_left())
			panic(STOP_ROOT_GONE, 0, 0);
		remote_leave(ACTION_WAIT);
	}
}
