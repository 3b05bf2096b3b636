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

#define SLICE_SHIFT 16 /* in the time control; below it the quantum */
#define PRIORITY_MASK 0xff

static uint64_t state_of(const struct tcb *t)
{
	if (t->flags & THREAD_STRING)
		return (t->flags & THREAD_STRING_SENDER) ? SCHEDULE_SENDING
							 : SCHEDULE_RECEIVING;
	switch (t->state) {
	case THREAD_READY:
		return (t->flags & THREAD_HALTED) ? SCHEDULE_INACTIVE
						  : SCHEDULE_RUNNING;
	case THREAD_SENDING:
		return SCHEDULE_PENDING_SEND;
	case THREAD_REMOTE:
		return SCHEDULE_SENDING;
	case THREAD_RECEIVING:
		return SCHEDULE_WAITING;
	default:
		/* An interrupt waits for its next message. */
		return (t->flags & THREAD_INTERRUPT) ? SCHEDULE_WAITING
						     : SCHEDULE_INACTIVE;
	}
}

static uint64_t old_time_control(const struct tcb *t)
{
	if (!t->slice)
		return 0;
	return (uint64_t)time_period(clock_us(t->slice)).raw << SLICE_SHIFT;
}

static enum l4_error check(const struct tcb *self, const struct tcb *t)
{
	uint64_t time = self->frame.rdx;
	uint64_t priority = self->frame.rsi;

	if (!t)
		return L4_INVALID_THREAD;
	if (!self->space->privileged && t->scheduler != self->id)
		return L4_NO_PRIVILEGE;
	if (priority != SCHEDULE_KEEP && !self->space->privileged &&
		(priority & PRIORITY_MASK) > self->priority)
		return L4_NO_PRIVILEGE;
	if (time != SCHEDULE_KEEP &&
		time_is_point((l4_time_t){(uint16_t)(time >> SLICE_SHIFT)}))
		return L4_INVALID_PARAMETER;
	return L4_OK;
}

static void set_slice(struct tcb *t, l4_time_t slice)
{
	t->slice =
		time_is_never(slice) ? 0 : clock_ticks(time_period_us(slice));
}

struct tcb *sys_schedule(struct tcb *self)
{
	const struct trapframe in = self->frame;
	struct tcb *t = thread_find(thread_resolve(self, in.rdi));
	enum l4_error error = check(self, t);

	if (error) {
		syscall_fail(self, error);
		return self;
	}
	self->frame.rax = state_of(t);
	self->frame.rdx = old_time_control(t);
	*thread_tcr(self, UTCB_ERROR_CODE) = L4_OK;
	if (in.rdx != SCHEDULE_KEEP)
		set_slice(t, (l4_time_t){(uint16_t)(in.rdx >> SLICE_SHIFT)});
	if (in.rsi != SCHEDULE_KEEP)
		sched_set_priority(t, (uint8_t)(in.rsi & PRIORITY_MASK));
	return dispatch();
}

struct tcb *sys_thread_switch(struct tcb *self)
{
	uint64_t dest = self->frame.rdi;
	struct tcb *t;

	if (thread_id_is_remote((thread_id_t){dest})) {
		remote_leave(ACTION_YIELD);
		return dispatch();
	}
	t = thread_find(thread_resolve(self, dest));
	if (t && t->queue == QUEUE_READY && !(t->flags & THREAD_STRING))
		return sched_donate(t);
	sched_yield();
	return dispatch();
}
