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
#include "guestkernel/remote_message.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

bool remote_work;

void remote_leave(uint32_t action)
{
	outl(ACTION_PORT, action | remote_more_ready());
}

/* --- messages --- */

/* Only thread items pass.  Words from MR@first on, two an item. */
static bool items_pass(const struct tcb *t, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i += 2) {
		uint64_t word = i < FRAME_MRS ? frame_of(t)->mr[i] : t->utcb[i];

		if (item_type(word) != ITEM_THREAD || i == last)
			return false;
	}
	return true;
}

static bool put_message(const struct tcb *t)
{
	msgtag_t tag = {frame_of(t)->mr[0]};
	unsigned untyped = msgtag_untyped(tag);
	unsigned last = untyped + msgtag_typed(tag);

	if (last >= MESSAGE_WORDS ||
		(last > untyped && !items_pass(t, untyped + 1, last)))
		return false;
	remote_put_words(t, last);
	return true;
}

/* --- the send phase --- */

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

	CONTROL->action.send_timeout = ticks_of(TIMEOUTS_SEND(frame_of(t)->r8));
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
	       (frame_of(t)->mr[0] & ~MSGTAG_FLAGS) ==
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
	else if (remote_is_call(to) && is_notification(t, to))
		notify(t, to);
	else if (remote_is_call(to))
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
	remote_take_message(t);
	frame_of(t)->rsi = from;
	ipc_received(t);
}

static void event_reply(struct tcb *t)
{
	if (!t)
		return;
	remote_take_message(t);
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
