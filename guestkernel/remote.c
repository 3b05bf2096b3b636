/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote.h"

#include "guestkernel/abi/item.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/abi/time.h"
#include "guestkernel/caller.h"
#include "guestkernel/clock.h"
#include "guestkernel/ipc.h"
#include "guestkernel/portal.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define TYPED_WORDS (MSGTAG_COUNT_MASK << MSGTAG_TYPED_SHIFT)

bool remote_work;

static uint32_t more_ready(void)
{
	return remote_work || sched_any_ready() ? ACTION_MORE_READY : 0;
}

void remote_leave(uint32_t action)
{
	outl(ACTION_PORT, action | more_ready());
}

_Noreturn void remote_stop(void)
{
	CONTROL->action.error = STOP_ROOT_GONE;
	for (;;)
		outl(ACTION_PORT, ACTION_STOP);
}

/* --- messages --- */

/* Only thread items pass.  Words from MR@first on, two an item. */
static bool items_pass(const struct tcb *t, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i += 2) {
		uint64_t word = i < FRAME_MRS ? t->frame.mr[i] : t->utcb[i];

		if (item_type(word) != ITEM_THREAD || i == last)
			return false;
	}
	return true;
}

/* MR0 .. MR@last; the two loops are one index over two arrays. */
static inline void put_words(const struct tcb *t, unsigned last)
{
	volatile uint64_t *out = CONTROL->message_out;

	out[0] = t->frame.mr[0] & ~MSGTAG_FLAGS;
	for (unsigned i = 1; i <= last && i < FRAME_MRS; i++)
		out[i] = t->frame.mr[i];
	for (unsigned i = FRAME_MRS; i <= last; i++)
		out[i] = t->utcb[i];
}

static bool put_message(const struct tcb *t)
{
	msgtag_t tag = {t->frame.mr[0]};
	unsigned untyped = msgtag_untyped(tag);
	unsigned last = untyped + msgtag_typed(tag);

	if (last >= MESSAGE_WORDS ||
		(last > untyped && !items_pass(t, untyped + 1, last)))
		return false;
	put_words(t, last);
	return true;
}

static inline void take_message(struct tcb *t)
{
	const volatile uint64_t *in = CONTROL->message_in;
	uint64_t tag = in[0];
	unsigned last =
		msgtag_untyped((msgtag_t){tag}) + msgtag_typed((msgtag_t){tag});

	if (last >= MESSAGE_WORDS)
		last = 0;
	t->frame.mr[0] = tag & ~MSGTAG_FLAGS;
	for (unsigned i = 1; i <= last && i < FRAME_MRS; i++)
		t->frame.mr[i] = in[i];
	for (unsigned i = FRAME_MRS; i <= last; i++)
		t->utcb[i] = in[i];
}

/* --- the send phase --- */

/* Version 1 is the portal itself; others are its callers. */
static bool is_call(uint64_t to)
{
	return REMOTE_ID_VERSION(to) == 1;
}

static uint64_t ticks_of(l4_time_t timeout)
{
	uint64_t now, at;

	if (time_is_never(timeout))
		return CONTROL_NEVER;
	if (!time_is_point(timeout))
		return clock_ticks(time_period_us(timeout));
	now = rdtsc();
	at = clock_deadline(timeout);
	return at > now ? at - now : 0;
}

static void put_timeouts(const struct tcb *t)
{
	l4_time_t receive = {t->receive_timeout};
	uint32_t flags = 0;

	CONTROL->action.send_timeout = ticks_of(TIMEOUTS_SEND(t->frame.r8));
	if (time_is_point(receive)) {
		CONTROL->action.receive_timeout = clock_deadline(receive);
		flags = CALL_RECEIVE_POINT;
	} else {
		CONTROL->action.receive_timeout = ticks_of(receive);
	}
	CONTROL->action.flags = flags;
}

static void call(struct tcb *t, uint64_t to)
{
	uint32_t slot = REMOTE_ID_SLOT(to);

	if (slot >= PORTAL_SLOTS) {
		ipc_fail(t, IPC_SEND_NO_PARTNER);
		return;
	}
	if (!caller_ensure(t) || !put_message(t)) {
		ipc_fail(t, IPC_SEND_OVERFLOW);
		return;
	}
	CONTROL->action.slot = slot;
	CONTROL->action.version = REMOTE_ID_VERSION(to);
	CONTROL->action.caller_slot = t->caller_slot;
	put_timeouts(t);
	t->state = THREAD_REMOTE;
	remote_leave(t->receive_from == to ? ACTION_CALL : ACTION_SEND);
}

/* A send of nothing with the interrupt label raises an interrupt there. */
static bool is_notification(const struct tcb *t, uint64_t to)
{
	return t->receive_from != to &&
	       (t->frame.mr[0] & ~MSGTAG_FLAGS) ==
		       msgtag_make(PROTOCOL_INTERRUPT, 0, 0).raw;
}

static void notify(struct tcb *t, uint64_t to)
{
	uint32_t slot = REMOTE_ID_SLOT(to);

	if (slot >= PORTAL_SLOTS) {
		ipc_fail(t, IPC_SEND_NO_PARTNER);
		return;
	}
	CONTROL->action.slot = slot;
	remote_leave(ACTION_NOTIFY);
	ipc_sent(t);
}

/* Everybody, or everybody who calls through one portal. */
static bool is_open(uint64_t from)
{
	return from == WAITS_ANY ||
	       ((from & REMOTE_ID_BIT) && REMOTE_ID_VERSION(from) == 1);
}

/*
 * The receive phase is set up before the reply leaves, so that the next
 * request can come with the same entry; it really begins when the VMM has
 * taken the reply.
 */
static void reply(struct tcb *t, uint64_t to)
{
	uint64_t from = t->receive_from;
	bool early = (t->flags & THREAD_BOUND) && is_open(from);
	uint32_t result;

	if (!put_message(t)) {
		ipc_fail(t, IPC_SEND_OVERFLOW);
		return;
	}
	if (early) {
		t->state = THREAD_RECEIVING;
		t->waits_for = from;
		remote_start_accepting(t);
	}
	CONTROL->action.to = to;
	remote_leave(ACTION_REPLY);
	result = CONTROL->action.result;
	if (result) {
		ipc_fail(t, result);
		return;
	}
	if (early && CONTROL->event.type == EVENT_REQUEST)
		remote_event();
	if (early && t->state != THREAD_RECEIVING)
		return;
	if (early)
		remote_stop_accepting(t);
	t->waits_for = WAITS_NOT;
	ipc_sent(t);
}

void remote_send(struct tcb *t, uint64_t to)
{
	if (to == WAITS_ANY || to == WAITS_ANY_LOCAL)
		ipc_fail(t, IPC_SEND_NO_PARTNER);
	else if (is_call(to) && is_notification(t, to))
		notify(t, to);
	else if (is_call(to))
		call(t, to);
	else
		reply(t, to);
}

void remote_cancel(struct tcb *t)
{
	caller_cancel(t);
}

void remote_thread_gone(struct tcb *t)
{
	caller_thread_gone(t);
	portal_thread_gone(t);
}

/* --- the receive phase --- */

bool remote_may_receive(const struct tcb *t, uint64_t from)
{
	return portal_server(REMOTE_ID_SLOT(from)) == t;
}

bool remote_is_pending(const struct tcb *t)
{
	return (t->flags & THREAD_BOUND) && portal_is_pending(t);
}

void remote_start_accepting(struct tcb *t)
{
	portal_accept(t);
	portal_ask(t);
}

void remote_stop_accepting(struct tcb *t)
{
	portal_refuse(t);
}

/* --- events --- */

static void event_request(void)
{
	uint32_t slot = CONTROL->event.slot;
	uint64_t from = CONTROL->event.from;
	struct tcb *t = portal_take_request(slot, from);

	if (!t)
		return;
	take_message(t);
	t->frame.rsi = from;
	ipc_received(t);
}

static void event_reply(struct tcb *t)
{
	if (!t)
		return;
	take_message(t);
	ipc_received(t);
}

static void event_bound(void)
{
	portal_bind(CONTROL->event.slot, thread_find(CONTROL->event.from));
}

void remote_event(void)
{
	uint32_t type = CONTROL->event.type;
	struct tcb *t;

	switch (type) {
	case EVENT_REQUEST:
		event_request();
		break;
	case EVENT_REPLY:
		event_reply(caller_done(CONTROL->event.caller_slot));
		break;
	case EVENT_ERROR:
		t = caller_done(CONTROL->event.caller_slot);
		if (t)
			ipc_fail(t, CONTROL->event.error);
		break;
	case EVENT_SENT:
		t = caller_done(CONTROL->event.caller_slot);
		if (t)
			ipc_sent(t);
		break;
	case EVENT_BOUND:
		event_bound();
		break;
	case EVENT_UNBOUND:
		portal_bind(CONTROL->event.slot, NULL);
		break;
	default:
		break;
	}
	CONTROL->event.type = EVENT_NONE;
}

void remote_act(void)
{
	if (caller_act() || portal_act())
		return;
	remote_work = false;
}

/* --- the short way --- */

bool remote_is_short(const struct tcb *self)
{
	uint64_t to = self->frame.rsi;

	if ((self->frame.mr[0] & TYPED_WORDS) ||
		!time_is_never(TIMEOUTS_RECEIVE(self->frame.r8)) ||
		(self->flags & ~(uint32_t)THREAD_BOUND) || remote_work)
		return false;
	if (is_call(to))
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
	outl(ACTION_PORT, ACTION_CALL | more_ready());
	if (CONTROL->event.type != EVENT_REPLY ||
		CONTROL->event.caller_slot != self->caller_slot ||
		!sched_is_quiet(self))
		return dispatch();
	self->state = THREAD_READY;
	self->receive_from = 0;
	take_message(self);
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
	outl(ACTION_PORT, ACTION_REPLY | more_ready());
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
	take_message(self);
	self->frame.rsi = CONTROL->event.from;
	CONTROL->event.type = EVENT_NONE;
	return self;
}

struct tcb *remote_short_ipc(struct tcb *self)
{
	uint64_t to = self->frame.rsi;

	put_words(self, msgtag_untyped((msgtag_t){self->frame.mr[0]}));
	return is_call(to) ? short_call(self, to) : short_reply(self, to);
}
