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

/* These three have passed when the first dispatch looks; then they are set. */
uint64_t sched_timer;

/* End of the running thread's time slice; it counts only among equals. */
static uint64_t slice_end;

/* The running thread is not preempted before this; NEVER: nobody wants to. */
static uint64_t delay_end;

/* Whose total quantum is running down, and when it will be over. */
static struct tcb *charged;
static uint64_t quantum_end = TIMEOUT_NEVER;

/* What has become ready was not made so by the running thread itself. */
static bool asynchronous;

static bool slice_over; /* the running thread's, at this dispatch */
static bool donated;	/* sched_next runs, whatever its priority */

void sched_wake(struct tcb *t)
{
	t->state = THREAD_READY;
	/* Who was woken is not to wait for a donation's end. */
	donated = false;
	if (t == current || sched_is_halted(t))
		return;
	if (sched_next)
		ready_add_last(t);
	else
		sched_next = t;
}

void sched_remove(struct tcb *t)
{
	if (t == sched_next)
		sched_next = NULL;
	else if (t->queue == QUEUE_READY)
		ready_remove(t);
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

static __attribute__((noinline)) uint64_t left_until(uint64_t end)
{
	uint64_t now = rdtsc();

	return end > now ? end - now : 0;
}

/* What @t is to have of its slice when it begins to run. */
static uint64_t slice_to_have(const struct tcb *t)
{
	return t->slice_left ? t->slice_left : t->slice;
}

uint64_t sched_slice_left(const struct tcb *t)
{
	return t == current && slice_end != TIMEOUT_NEVER
		       ? left_until(slice_end)
		       : slice_to_have(t);
}

/* The end of @t's slice, which begins now; a rest of one is had once. */
static __attribute__((noinline)) uint64_t slice_end_of(struct tcb *t)
{
	uint64_t to_have = slice_to_have(t);

	t->slice_left = 0;
	return t->slice == CONTROL_NEVER ? TIMEOUT_NEVER : rdtsc() + to_have;
}

void sched_charge(void)
{
	if (quantum_end == TIMEOUT_NEVER)
		return;
	charged->quantum = left_until(quantum_end);
	quantum_end = TIMEOUT_NEVER;
}

bool sched_is_quiet(const struct tcb *t)
{
	return t->priority > ready_highest &&
	       !((uint64_t)sched_next | CONTROL->notified) &&
	       rdtsc() < sched_timer;
}

void sched_resume(struct tcb *t)
{
	struct tcb *before = current;

	/* Before the first thread there is none, and nothing to be written. */
	if (t != before && (before->flags & THREAD_FPU)) {
		clear_bits(&before->flags, THREAD_FPU);
		fpu_close();
	}
	gdt_set_entry_stack(t);
	thread_gs_page[0] = t->local_id;
	ptab_load(t->cr3);
	foreign_switch(t);
}

/* Does the running thread put off its preemption? */
static bool puts_off(const struct tcb *t)
{
	uint64_t *flags = thread_tcr(current, UTCB_FLAGS);
	uint64_t now = rdtsc();

	if (!asynchronous || !(*flags & PREEMPT_DELAY) || !t->max_delay_us ||
		ready_highest > t->sensitive_priority)
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
	t->slice_left = slice_end == TIMEOUT_NEVER ? 0 : left_until(slice_end);
	if (!asynchronous || (t->flags & THREAD_STRING) ||
		!(*thread_tcr(t, UTCB_FLAGS) & PREEMPT_SIGNAL))
		return;
	set_bits(&t->flags, THREAD_PREEMPTED);
	t->message[1] = clock_system_us();
}

/* Can the running thread go on? */
static bool can_go_on(void)
{
	return sched_can_run(current) && current->queue == QUEUE_NONE;
}

/*
 * The running thread if it can go on and nobody is above it or, at the end of
 * its time slice, equal; else @next if nobody is above that; else the first of
 * the highest priority, or NULL.
 */
static struct tcb *choose(struct tcb *next)
{
	struct tcb *t = next;
	bool over = slice_over;

	slice_over = false;
	if (can_go_on()) {
		if (next)
			ready_add_last(next);
		t = current;
		if (ready_highest >= t->priority + !over) {
			if (puts_off(t)) {
				if (over)
					slice_end = delay_end;
				return t;
			}
			preempt(t);
			if (over)
				ready_add_last(t);
			else
				ready_add_first(t);
			t = NULL;
		}
	} else if (t && t->priority < ready_highest) {
		ready_add_last(t);
		t = NULL;
	}
	if (t != current || delay_end != slice_end)
		delay_end = TIMEOUT_NEVER;
	if (t)
		return t;
	slice_end = TIMEOUT_NEVER;
	return ready_take();
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
	if (now < slice_end)
		return;
	slice_over = true;
	slice_end = TIMEOUT_NEVER;
}

/* Only among equals is there a slice to end. */
static void start_slice(struct tcb *t)
{
	if (!t || t->priority != ready_highest)
		slice_end = TIMEOUT_NEVER;
	else if (slice_end == TIMEOUT_NEVER || t->slice == CONTROL_NEVER)
		slice_end = slice_end_of(t);
}

/* What a dispatch has to look at or to change, of the running thread. */
#define UNCOMMON \
	(THREAD_HALTED | THREAD_STRING | THREAD_PREEMPTED | THREAD_QUANTUM)

struct tcb *sched_change_places(struct tcb *self, uint64_t to)
{
	struct tcb *t = ready_ring[self->priority];
	uint64_t end = slice_end;

	if (self->priority != ready_highest || (to && to != t->id) ||
		((self->flags | t->flags) & UNCOMMON))
		return NULL;
	if (!to)
		end = slice_end_of(t);
	else if (end == TIMEOUT_NEVER)
		end = slice_end_of(self);
	if (end < sched_timer)
		return NULL;
	slice_end = end;
	delay_end = TIMEOUT_NEVER;
	ready_replace(t, self);
	ready_ring[self->priority] = to ? self : self->next;
	sched_resume(t);
	return t;
}

void sched_donate(struct tcb *self, struct tcb *t)
{
	if (slice_end == TIMEOUT_NEVER)
		slice_end = slice_end_of(self);
	ready_add_first(self);
	ready_remove(t);
	sched_next = t;
	donated = true;
}

static struct tcb *take_next(void)
{
	struct tcb *t = sched_next;

	sched_next = NULL;
	if (!donated) {
		t = choose(t);
		start_slice(t);
	}
	donated = false;
	return t;
}

/* From its choice on, a thread with a quantum pays for what happens. */
static void start_quantum(struct tcb *t)
{
	if (!t || !(t->flags & THREAD_QUANTUM) || !t->quantum)
		return;
	charged = t;
	quantum_end = rdtsc() + t->quantum;
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Have the VMM look again in time.  It may do so too early: most timeouts are
 * over before they end, and a timer that is put off costs nothing.  Returns
 * true if it has to hear of this one at once.
 */
static bool announce_timer(void)
{
	uint64_t timer = minimum(minimum(timeout_next(), quantum_end),
		minimum(slice_end, delay_end));

	if (timer >= sched_timer)
		return false;
	sched_timer = timer;
	CONTROL->next_timer = timer;
	return timer < CONTROL->armed_until;
}

/* Does @t, which is to run, have to do something before it is in user mode? */
static __attribute__((noinline)) bool is_busy(struct tcb *t)
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

/* Some of it takes long and opens interrupt windows: what comes in one of them
 * is announced by nothing else. */
static void take_events(void)
{
	do {
		while (CONTROL->event.type != EVENT_NONE)
			remote_event();
		if (CONTROL->notified)
			interrupt_take();
		if (sched_timer != TIMEOUT_NEVER)
			check_timers();
	} while (CONTROL->event.type | CONTROL->notified);
}

/*
 * The running thread goes on, its time slice runs if it has equals and only
 * then, and there is nothing to look at, to charge or to announce: what most
 * system calls end with.
 */
_Static_assert(EVENT_NONE == 0, "one of three that are zero");

static bool nothing_to_do(const struct tcb *t)
{
	int above = t->priority - ready_highest;

	return t->state == THREAD_READY && t->queue == QUEUE_NONE &&
	       !(t->flags & UNCOMMON) && !remote_work &&
	       !((uint64_t)sched_next | CONTROL->event.type |
		       CONTROL->notified) &&
	       (delay_end & quantum_end) == TIMEOUT_NEVER &&
	       (slice_end == TIMEOUT_NEVER ? above > 0 : above == 0) &&
	       slice_end >= sched_timer && timeout_next() >= sched_timer &&
	       rdtsc() < sched_timer;
}

static __attribute__((noinline)) struct tcb *dispatch_anew(void)
{
	asynchronous = true;
	if (delay_end == TIMEOUT_NEVER &&
		(sched_next || ready_highest > current->priority))
		asynchronous = false;
	for (;;) {
		struct tcb *t;

		sched_charge();
		take_events();
		if (remote_work) {
			remote_act();
			continue;
		}
		t = take_next();
		start_quantum(t);
		if (announce_timer() && t) {
			if (t != current) {
				sched_next = t;
				donated = true;
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

struct tcb *dispatch(void)
{
	return nothing_to_do(current) ? current : dispatch_anew();
}
