/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short ways of Ipc: the cases that nearly all messages are.  Everything
 * else, and any doubt, goes the long way (ipc.c, remote.c), which gives the
 * same result.
 */
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/ipc.h"
#include "guestkernel/remote_message.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/trap.h"

#define TYPED_WORDS (MSGTAG_COUNT_MASK << MSGTAG_TYPED_SHIFT)
#define NOT_SHORT (TYPED_WORDS | MSGTAG_PROPAGATED)
#define RECEIVE_TIMEOUT_MASK UINT64_C(0xffff)

/* --- between threads of this domain --- */

/* MR1 .. MRn.  What the tag does not announce stays the receiver's own. */
static inline void copy_words(struct tcb *s, struct tcb *d, uint64_t n)
{
	for (uint64_t i = FRAME_MRS; i <= n; i++)
		d->utcb[i] = s->utcb[i];
	/* clang-format off */
	switch (n) {
	default: d->frame.mr[7] = s->frame.mr[7]; /* fall through */
	case 6: d->frame.mr[6] = s->frame.mr[6]; /* fall through */
	case 5: d->frame.mr[5] = s->frame.mr[5]; /* fall through */
	case 4: d->frame.mr[4] = s->frame.mr[4]; /* fall through */
	case 3: d->frame.mr[3] = s->frame.mr[3]; /* fall through */
	case 2: d->frame.mr[2] = s->frame.mr[2]; /* fall through */
	case 1: d->frame.mr[1] = s->frame.mr[1]; /* fall through */
	case 0: break;
	}
	/* clang-format on */
}

/* The thread in @self's space with local id @id, or NULL. */
static inline struct tcb *find_local(const struct tcb *self, uint64_t id)
{
	const struct space *space = self->space;
	uint64_t location = id - UTCB_POINTER;
	struct tcb *t;

	if ((id & THREAD_LOCAL_MASK) ||
		location - space->utcb_base >= space->utcb_size)
		return NULL;
	t = thread_slot(try_read((const uint64_t *)id + UTCB_MY_GLOBAL_ID));
	return t->local_id == id && t->space == space ? t : NULL;
}

/*
 * Untyped words to a thread that waits, then an open wait or a wait for the
 * same thread, without timeouts; nothing uncommon about either thread; and the
 * receiver is the one to run next.
 */
static inline struct tcb *short_ipc(
	struct tcb *self, struct tcb *d, uint64_t from)
{
	uint64_t tag = self->frame.mr[0];

	if ((d->waits_for != WAITS_ANY && d->waits_for != self->id) ||
		(d->flags | self->flags) || (tag & NOT_SHORT) ||
		(self->frame.r8 & RECEIVE_TIMEOUT_MASK) || self->senders ||
		(d->priority <= ready_highest && d->priority != self->priority))
		return ipc_long(self);

	copy_words(self, d, tag & MSGTAG_COUNT_MASK);
	d->frame.mr[0] = tag & ~MSGTAG_FLAGS;
	d->frame.rsi = d->space == self->space ? self->local_id : self->id;
	d->waits_for = WAITS_NOT;
	d->state = THREAD_READY;
	self->waits_for = from;
	self->state = THREAD_RECEIVING;
	sched_resume(d);
	return d;
}

/* --- through a portal --- */

/*
 * The common kinds: a call, or a reply and open wait by a thread that serves
 * one portal; untyped words, no timeouts, nothing else to do.
 */
static inline bool is_short(const struct tcb *self)
{
	uint64_t to = self->frame.rsi;

	if ((self->frame.mr[0] & TYPED_WORDS) ||
		!time_is_never(TIMEOUTS_RECEIVE(self->frame.r8)) ||
		(self->flags & ~(uint32_t)THREAD_BOUND) || remote_work)
		return false;
	if (remote_is_call(to))
		return self->frame.rdx == to && self->caller_slot &&
		       REMOTE_ID_SLOT(to) < PORTAL_SLOTS &&
		       time_is_never(TIMEOUTS_SEND(self->frame.r8));
	return self->frame.rdx == WAITS_ANY && self->only_portal &&
	       !self->senders &&
	       !(CONTROL->pending[(self->first_portal - 1) / 64] &
		       self->only_portal);
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
	outl(ACTION_PORT, ACTION_CALL | remote_more_ready());
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
	outl(ACTION_PORT, ACTION_REPLY | remote_more_ready());
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
	self->frame.rsi = CONTROL->event.from;
	CONTROL->event.type = EVENT_NONE;
	return self;
}

static inline struct tcb *short_remote_ipc(struct tcb *self)
{
	uint64_t to = self->frame.rsi;

	remote_put_words(self, msgtag_untyped((msgtag_t){self->frame.mr[0]}));
	return remote_is_call(to) ? short_call(self, to)
				  : short_reply(self, to);
}

/* --- the system call --- */

struct tcb *ipc_syscall(struct tcb *self)
{
	uint64_t to = self->frame.rsi;
	uint64_t from = self->frame.rdx;
	struct tcb *d = thread_slot(to);

	if (d->id != to) {
		if ((to & REMOTE_ID_BIT) && is_short(self))
			return short_remote_ipc(self);
		d = find_local(self, to);
		if (!d)
			return ipc_long(self);
	}
	if (from == to)
		from = d->id;
	else if (from != WAITS_ANY)
		return ipc_long(self);
	return short_ipc(self, d, from);
}
