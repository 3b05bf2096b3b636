/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short way of Ipc through a portal.  Everything else, and any doubt, goes
 * the long way (ipc.c, remote.c), which gives the same result.
 */
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/ipc.h"
#include "guestkernel/portal.h"
#include "guestkernel/remote_message.h"
#include "guestkernel/sched.h"
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
		return frame_of(self)->rdx == to;
	return frame_of(self)->rdx == WAITS_ANY && portal_is_only(self) &&
	       !self->senders &&
	       !bit_test(CONTROL->pending, self->first_portal);
}

/* The message that came is for @self, which runs on. */
static struct tcb *take(struct tcb *self)
{
	self->state = THREAD_READY;
	self->waits_for = WAITS_NOT;
	self->receive_from = 0;
	remote_take_message(self);
	CONTROL->event.type = EVENT_NONE;
	return self;
}

/* Returns true if the reply is there. */
static inline bool short_call(struct tcb *self, uint64_t to)
{
	self->receive_from = to;
	self->receive_timeout = TIME_NEVER.raw;
	remote_send(self, to);
	return self->state == THREAD_REMOTE &&
	       CONTROL->event.type == EVENT_REPLY &&
	       CONTROL->event.caller_slot == self->caller_slot;
}

/* Returns true if a request is there; its sender is known then. */
static inline bool short_reply(struct tcb *self, uint64_t to)
{
	uint32_t slot = self->first_portal;

	remote_put_words(
		self, msgtag_untyped((msgtag_t){frame_of(self)->mr[0]}));
	CONTROL->action.to = to;
	self->state = THREAD_RECEIVING;
	self->waits_for = WAITS_ANY;
	bit_set(CONTROL->accepting, slot);
	remote_leave(ACTION_REPLY);
	if (CONTROL->action.result) {
		ipc_fail(self, CONTROL->action.result);
		return false;
	}
	if (CONTROL->event.type != EVENT_REQUEST || CONTROL->event.slot != slot)
		return false;
	bit_clear(CONTROL->accepting, slot);
	frame_of(self)->rsi = CONTROL->event.from;
	return true;
}

static inline struct tcb *short_remote_ipc(struct tcb *self)
{
	uint64_t to = frame_of(self)->rsi;
	bool came = remote_is_call(to) ? short_call(self, to)
				       : short_reply(self, to);

	return came && sched_is_quiet(self) ? take(self) : dispatch();
}

struct tcb *ipc_syscall(struct tcb *self)
{
	if ((frame_of(self)->rsi & REMOTE_ID_BIT) && is_short(self))
		return short_remote_ipc(self);
	if (foreign_any && foreign_answer(self))
		return current;
	return ipc_long(self);
}
