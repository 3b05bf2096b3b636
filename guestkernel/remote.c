/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote.h"

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
#include "guestkernel/string.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

bool remote_work;

void remote_leave(uint32_t action)
{
	if (remote_work || sched_any_ready())
		action |= ACTION_MORE_READY;
	outl(ACTION_PORT, action);
}

/* --- messages --- */

/* What may not pass the VMM refuses; it must know where strings are. */
static void put_message(struct tcb *t)
{
	msgtag_t tag = {frame_of(t)->mr[0]};
	unsigned last = msgtag_untyped(tag) + msgtag_typed(tag);

	remote_put_words(t, last < MESSAGE_WORDS ? last : 0);
	if (msgtag_typed(tag)) {
		(void)caller_ensure(t); /* or strings are refused */
		remote_string_describe(t);
	}
}

/* --- the send phase --- */

static void put_timeouts(const struct tcb *t)
{
	l4_time_t receive = {t->receive_timeout};
	uint64_t ticks = clock_ticks_of(receive);
	uint32_t flags = 0;

	if (time_is_point(receive)) {
		ticks += rdtsc();
		flags = CALL_RECEIVE_POINT;
	}
	CONTROL->action.flags = flags;
	CONTROL->action.receive_timeout = ticks;
	CONTROL->action.send_timeout =
		clock_ticks_of(TIMEOUTS_SEND(frame_of(t)->r8));
}

static void call(struct tcb *t, uint64_t to)
{
	if (!caller_ensure(t)) {
		ipc_fail(t, IPC_SEND_OVERFLOW);
		return;
	}
	put_message(t);
	CONTROL->action.slot = REMOTE_ID_SLOT(to);
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

	put_message(t);
	/* Who waits in this domain comes before who comes from another. */
	early = (t->flags & THREAD_BOUND) && is_open(from) && !t->senders &&
		!msgtag_typed((msgtag_t){frame_of(t)->mr[0]});
	if (early) {
		t->state = THREAD_RECEIVING;
		t->waits_for = from;
		portal_accept(t, true);
	}
	CONTROL->action.to = to;
	remote_leave(ACTION_REPLY);
	result = CONTROL->action.result;
	if (result == RESULT_STRINGS) {
		remote_string_begin(t, THREAD_STRING_SENDER);
		return;
	}
	if (result) {
		ipc_fail(t, result);
		return;
	}
	if (early) {
		if (CONTROL->event.type != EVENT_NONE)
			remote_event();
		if (t->state != THREAD_RECEIVING)
			return;
		portal_accept(t, false);
	}
	t->waits_for = WAITS_NOT;
	ipc_sent(t);
}

void remote_send(struct tcb *t, uint64_t to)
{
	if (remote_is_call(to) && is_notification(t, to))
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
	if (!t->caller_slot)
		return;
	caller_thread_gone(t);
	portal_thread_gone(t);
}

/* --- the receive phase --- */

bool remote_may_receive(const struct tcb *t, uint64_t from)
{
	uint32_t slot = REMOTE_ID_SLOT(from);

	return slot < PORTAL_SLOTS && portal_server(slot) == t;
}

/* --- events --- */

/* The words are there; strings may be still to come. */
static void receive(struct tcb *t, bool strings)
{
	remote_take_message(t);
	ipc_received(t, 0);
	if (!strings)
		return;
	sched_remove(t);
	remote_string_begin(t, THREAD_STRING_RECEIVER);
	remote_string_continue(t);
}

/* Its bit in `accepting` says that the server waits for it. */
static void event_request(const struct event *e)
{
	struct tcb *t = portal_server(e->slot);

	frame_of(t)->rsi = e->from;
	receive(t, e->type == EVENT_REQUEST_STRINGS);
}

/* About what goes on with a caller slot; its thread may be gone. */
static __attribute__((noinline)) void event_of_strings(const struct event *e)
{
	struct tcb *t = caller_thread(e->caller_slot);

	if (!t || t->state != THREAD_REMOTE)
		return;
	if (e->type == EVENT_REPLY_STRINGS) {
		remote_string_over(t);
		receive(t, true);
		return;
	}
	remote_string_begin(t, THREAD_STRING_SENDER);
	t->message[1] = e->from;
	if (e->type == EVENT_STRING)
		sched_wake(t);
	else
		string_page_fault(t);
}

/* About what ends. */
static void event_of_end(const struct event *e)
{
	struct tcb *t = caller_done(e->caller_slot);

	if (!t)
		return;
	remote_string_over(t);
	switch (e->type) {
	case EVENT_ERROR:
		ipc_fail(t, e->error);
		break;
	case EVENT_SENT:
		ipc_sent(t);
		break;
	case EVENT_STRING_END:
		ipc_received(t, e->error);
		break;
	default:
		receive(t, false);
		break;
	}
}

/* Read as a whole first: strings are answered at once. */
void remote_event(void)
{
	const struct event e = CONTROL->event;

	CONTROL->event.type = EVENT_NONE;
	switch (e.type) {
	case EVENT_REQUEST:
	case EVENT_REQUEST_STRINGS:
		event_request(&e);
		break;
	case EVENT_REPLY_STRINGS:
	case EVENT_STRING:
	case EVENT_STRING_FAULT:
		event_of_strings(&e);
		break;
	case EVENT_BOUND:
		portal_bind(e.slot, thread_find(e.from));
		break;
	default:
		event_of_end(&e);
		break;
	}
}

void remote_act(void)
{
	if (!caller_act() && !portal_act())
		remote_work = false;
}
