/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedule and ThreadSwitch.
 * Source: L4 X.2 Reference Manual, "Schedule", "ThreadSwitch".
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/time.h"
#include "guestkernel/clock.h"
#include "guestkernel/remote.h"
#include "guestkernel/sched.h"
#include "guestkernel/syscall.h"
#include "guestkernel/x86/insn.h"

#define SLICE_SHIFT 16 /* in the time control; below it the quantum */
#define PRIORITY_MASK 0xff
#define PROCESSOR_MASK 0xffff
#define SENSITIVE_SHIFT 16 /* in the preemption control; below it the delay */
#define TIME_KEEP 0xffff   /* one half of a time control: no change */
#define TIMES_KEEP 0xffffffff /* both */

_Static_assert(THREAD_READY == SCHEDULE_RUNNING - SCHEDULE_INACTIVE, "");
_Static_assert(THREAD_SENDING == SCHEDULE_PENDING_SEND - SCHEDULE_INACTIVE, "");
_Static_assert(THREAD_REMOTE == SCHEDULE_SENDING - SCHEDULE_INACTIVE, "");
_Static_assert(THREAD_RECEIVING == SCHEDULE_WAITING - SCHEDULE_INACTIVE, "");

uint64_t schedule_state(const struct tcb *t)
{
	unsigned at = t->state; /* not tested at once with the flags */

	if (t->flags & THREAD_STRING)
		return (t->flags & THREAD_STRING_SENDER) ? SCHEDULE_SENDING
							 : SCHEDULE_RECEIVING;
	if (at == THREAD_READY && (t->flags & THREAD_HALTED))
		return SCHEDULE_INACTIVE;
	/* An interrupt waits for its next message. */
	if (at == THREAD_NONE && (t->flags & THREAD_INTERRUPT))
		return SCHEDULE_WAITING;
	return SCHEDULE_INACTIVE + at;
}

static uint64_t period(uint64_t ticks)
{
	return time_period(clock_us(ticks)).raw;
}

/* What is left of slice and quantum; "never" if there is no limit. */
static uint64_t old_time_control(const struct tcb *t)
{
	uint64_t old = 0;

	if (t->slice != CONTROL_NEVER)
		old = period(sched_slice_left(t)) << SLICE_SHIFT;
	if (t->flags & THREAD_QUANTUM)
		old |= period(t->quantum);
	return old;
}

static l4_time_t time_of(uint64_t control, unsigned shift)
{
	return (l4_time_t){(uint16_t)(control >> shift)};
}

/* A period of some length, "never", or "no change". */
static __attribute__((noinline)) bool is_length(l4_time_t t)
{
	return t.raw == TIME_KEEP || !(time_is_point(t) || time_is_zero(t));
}

/* Only who is privileged may give others more than he has himself. */
static bool may_give(const struct tcb *self, uint64_t control, unsigned shift)
{
	return control == SCHEDULE_KEEP ||
	       (control >> shift & PRIORITY_MASK) <= self->priority;
}

static enum l4_error check(const struct tcb *self, const struct tcb *t)
{
	uint64_t time = frame_of(self)->rdx;
	uint64_t processor = frame_of(self)->r8;
	uint64_t priority = frame_of(self)->rsi;
	uint64_t preemption = frame_of(self)->r9;

	if (!t)
		return L4_INVALID_THREAD;
	if (!self->space->privileged &&
		(t->scheduler != self->id || !may_give(self, priority, 0) ||
			!may_give(self, preemption, SENSITIVE_SHIFT)))
		return L4_NO_PRIVILEGE;
	if ((uint32_t)time != TIMES_KEEP &&
		(!is_length(time_of(time, SLICE_SHIFT)) ||
			!is_length(time_of(time, 0))))
		return L4_INVALID_PARAMETER;
	if (processor != SCHEDULE_KEEP && (processor & PROCESSOR_MASK))
		return L4_INVALID_PARAMETER;
	return L4_OK;
}

static void set_times(struct tcb *t, l4_time_t slice, l4_time_t quantum)
{
	if (slice.raw != TIME_KEEP) {
		t->slice = clock_ticks_of(slice);
		t->slice_left = 0;
	}
	if (quantum.raw == TIME_KEEP)
		return;
	t->quantum = clock_ticks_of(quantum);
	if (time_is_never(quantum))
		clear_bits(&t->flags, THREAD_QUANTUM);
	else
		set_bits(&t->flags, THREAD_QUANTUM);
}

enum l4_error sys_schedule(struct tcb *self)
{
	const struct trapframe in = *frame_of(self);
	struct tcb *t = thread_named(self, in.rdi);
	enum l4_error error = check(self, t);

	if (error)
		return error;
	sched_charge();
	frame_of(self)->rax = schedule_state(t);
	frame_of(self)->rdx = old_time_control(t);
	*thread_tcr(self, UTCB_ERROR_CODE) = L4_OK;
	set_times(t, time_of(in.rdx, SLICE_SHIFT), time_of(in.rdx, 0));
	if (in.rsi != SCHEDULE_KEEP)
		sched_set_priority(t, (uint8_t)(in.rsi & PRIORITY_MASK));
	if (in.r9 != SCHEDULE_KEEP) {
		t->max_delay_us = (uint16_t)in.r9;
		t->sensitive_priority = (uint8_t)(in.r9 >> SENSITIVE_SHIFT);
	}
	return L4_OK;
}

struct tcb *sys_thread_switch(struct tcb *self, uint64_t dest)
{
	struct tcb *t = sched_change_places(self, dest);

	if (t)
		return t;
	/* Of another domain: an id with the highest bit, but for "any". */
	if ((int64_t)dest < (int64_t)WAITS_ANY_LOCAL) {
		remote_leave(ACTION_YIELD);
		return dispatch();
	}
	t = dest ? thread_named(self, dest) : NULL;
	if (t && t->queue == QUEUE_READY)
		sched_donate(self, t);
	else if (ready_highest >= self->priority)
		ready_add_last(self);
	return dispatch();
}
