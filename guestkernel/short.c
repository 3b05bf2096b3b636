/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short way of Ipc through a portal.  Everything else, and any doubt, goes
 * the long way (ipc.c, remote.c), which gives the same result.
 */
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/ipc.h"
#include "guestkernel/remote_message.h"
#include "guestkernel/x86/insn.h"

#define TYPED_WORDS (MSGTAG_COUNT_MASK << MSGTAG_TYPED_SHIFT)
#define COMMON_FLAGS (THREAD_BOUND | THREAD_FPU)

/*
 * The common kinds: a call, or a reply and open wait by a thread that serves
 * one portal; untyped words, no timeouts, nothing else to do.
 */
static inline bool is_short(const struct tcb *self)
{
	uint64_t to = frame_of(self)->rsi;

	if ((frame_of(self)->mr[0] & TYPED_WORDS) ||
		!time_is_never(TIMEOUTS_RECEIVE(frame_of(self)->r8)) ||
		(self->flags & ~(uint32_t)COMMON_FLAGS) || remote_work)
		return false;
	if (remote_is_call(to))
		return frame_of(self)->rdx == to && self->caller_slot &&
		       time_is_never(TIMEOUTS_SEND(frame_of(self)->r8));
	return frame_of(self)->rdx == WAITS_ANY && self->only_portal &&
	       !self->senders &&
	       !(CONTROL->pending[(self->first_portal - 1) / 64] &
		       self->only_portal);
}

/* @self waits, and nothing is to be asked of the VMM: see is_short. */
static void leave(uint32_t action)
{
	if (sched_others_ready())
		action |= ACTION_MORE_READY;
	outl(ACTION_PORT, action);
}

static struct tcb *short_call(struct tcb *self, uint64_t to)
{
	CONTROL->action.slot = REMOTE_ID_SLOT(to);
	CONTROL->action.version = 1;
	CONTROL->action.caller_slot = self->caller_slot;
	CONTROL->action.send_timeout = CONTROL_NEVER;
	CONTROL->action.receive_timeout = CONTROL_NEVER;
	CONTROL->action.flags = 0;
	self->state = THREAD_REMOTE;
	self->receive_from = to;
	leave(ACTION_CALL);
	if (CONTROL->event.type != EVENT_REPLY ||
		CONTROL->event.caller_slot != self->caller_slot ||
		!sched_is_quiet(self))
		return dispatch();
	self->state = THREAD_READY;
	self->receive_from = 0;
	remote_take_message(self);
	CONTROL->event.type = EVENT_NONE;
	return self;
}

static struct tcb *short_reply(struct tcb *self, uint64_t to)
{
	uint32_t slot = self->first_portal - 1u;
	volatile uint64_t *accepting = &CONTROL->accepting[slot / 64];

	CONTROL->action.to = to;
	self->state = THREAD_RECEIVING;
	self->waits_for = WAITS_ANY;
	*accepting |= self->only_portal;
	leave(ACTION_REPLY);
	if (CONTROL->action.result) {
		ipc_fail(self, CONTROL->action.result);
		return dispatch();
	}
	if (CONTROL->event.type != EVENT_REQUEST ||
		CONTROL->event.slot != slot || !sched_is_quiet(self))
		return dispatch();
	*accepting &= ~self->only_portal;
	self->state = THREAD_READY;
	self->waits_for = WAITS_NOT;
	remote_take_message(self);
	frame_of(self)->rsi = CONTROL->event.from;
	CONTROL->event.type = EVENT_NONE;
	return self;
}

static inline struct tcb *short_remote_ipc(struct tcb *self)
{
	uint64_t to = frame_of(self)->rsi;

	remote_put_words(
		self, msgtag_untyped((msgtag_t){frame_of(self)->mr[0]}));
	return remote_is_call(to) ? short_call(self, to)
				  : short_reply(self, to);
}

struct tcb *ipc_syscall(struct tcb *self)
{
	if ((frame_of(self)->rsi & REMOTE_ID_BIT) && is_short(self))
		return short_remote_ipc(self);
	if (foreign_any && foreign_answer(self))
		return current;
	return ipc_long(self);
}
