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
#include "guestkernel/remote_string.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

bool remote_work;

void remote_leave(uint32_t action)
{
	outl(ACTION_PORT, action | remote_more_ready());
}

/* --- messages --- */

/* What passes: MR@first on, up to MR@last, and whether strings do. */
static bool items_pass(
	const struct tcb *t, unsigned first, unsigned last, bool *strings)
{
	unsigned i = first;

	while (i <= last) {
		uint64_t word = string_word(t, false, i);

		if (item_is_string(word))
			*strings = true;
		else if (item_type(word) != ITEM_THREAD)
			return false;
		i += item_words(word);
	}
	return i == last + 1;
}

static bool put_message(struct tcb *t)
{
	msgtag_t tag = {frame_of(t)->mr[0]};
	unsigned untyped = msgtag_untyped(tag);
	unsigned last = untyped + msgtag_typed(tag);
	bool strings = false;

	if (last >= MESSAGE_WORDS ||
		!items_pass(t, untyped + 1, last, &strings))
		return false;
	remote_put_words(t, last);
	if (strings)
		remote_string_send(t, untyped + 1, last);
	return true;
}

/* --- the send phase --- */

static void put_timeouts(const struct tcb *t)
{
	l4_time_t receive = {t->receive_timeout};
	uint32_t flags = 0;

	CONTROL->action.send_timeout =
		clock_ticks_of(TIMEOUTS_SEND(frame_of(t)->r8));
	if (time_is_point(receive)) {
		CONTROL->action.receive_timeout = clock_deadline(receive);
		flags = CALL_RECEIVE_POINT;
	} else {
		CONTROL->action.receive_timeout = clock_ticks_of(receive);
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
	bool early;
	uint32_t result;

	if (!put_message(t)) {
		ipc_fail(t, IPC_SEND_OVERFLOW);
		return;
	}
	if (remote_string_is(t))
		t->state = THREAD_REMOTE;
	/* Who waits in this domain comes before who comes from another. */
	early = (t->flags & THREAD_BOUND) && is_open(from) &&
		t->state != THREAD_REMOTE && !t->senders;
	if (early) {
		t->state = THREAD_RECEIVING;
		t->waits_for = from;
		remote_start_accepting(t);
	}
	CONTROL->action.to = to;
	remote_leave(ACTION_REPLY);
	result = CONTROL->action.result;
	if (result == RESULT_STRINGS) {
		remote_string_replying(t);
		return;
	}
	remote_string_over(t);
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
	remote_string_thread_gone(t);
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
}

void remote_stop_accepting(struct tcb *t)
{
	portal_refuse(t);
}

/* --- events --- */

static void event_request(bool strings)
{
	uint32_t slot = CONTROL->event.slot;
	uint64_t from = CONTROL->event.from;
	struct tcb *t = portal_take_request(slot, from);

	if (!t) {
		if (strings)
			remote_string_refuse(CONTROL->event.ticket);
		return;
	}
	remote_take_message(t);
	frame_of(t)->rsi = from;
	ipc_received(t);
	if (strings)
		remote_string_receive(t, CONTROL->event.ticket);
}

static void event_bound(void)
{
	portal_bind(CONTROL->event.slot, thread_find(CONTROL->event.from));
}

/* About the call of a caller slot; its thread may be gone. */
static void event_of_call(uint32_t type, uint32_t slot)
{
	bool goes_on = type == EVENT_REPLY_STRINGS || type == EVENT_STRING;
	struct tcb *t = goes_on ? caller_thread(slot) : caller_done(slot);

	if (!t)
		return;
	if (type == EVENT_STRING) {
		remote_string_wanted(t);
		return;
	}
	if (type == EVENT_STRING_END) {
		remote_string_ended(t);
		return;
	}
	remote_string_over(t);
	switch (type) {
	case EVENT_ERROR:
		ipc_fail(t, CONTROL->event.error);
		break;
	case EVENT_SENT:
		ipc_sent(t);
		break;
	default:
		remote_take_message(t);
		ipc_received(t);
		if (goes_on)
			remote_string_receive(t, REMOTE_STRING_CALLER);
		break;
	}
}

void remote_event(void)
{
	uint32_t type = CONTROL->event.type;
	uint32_t caller = CONTROL->event.caller_slot;

	switch (type) {
	case EVENT_REQUEST:
	case EVENT_REQUEST_STRINGS:
		event_request(type == EVENT_REQUEST_STRINGS);
		break;
	case EVENT_STRING:
	case EVENT_STRING_END:
		if (caller)
			event_of_call(type, caller);
		else if (type == EVENT_STRING)
			remote_string_wanted(NULL);
		else
			remote_string_ended(NULL);
		break;
	case EVENT_REPLY:
	case EVENT_REPLY_STRINGS:
	case EVENT_ERROR:
	case EVENT_SENT:
		event_of_call(type, caller);
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
	if (caller_act() || portal_act() || remote_string_act())
		return;
	remote_work = false;
}
