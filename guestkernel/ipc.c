/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/ipc.h"

#include "guestkernel/abi/msgtag.h"
#include "guestkernel/clock.h"
#include "guestkernel/foreign.h"
#include "guestkernel/interrupt.h"
#include "guestkernel/portal.h"
#include "guestkernel/redirect.h"
#include "guestkernel/remote.h"
#include "guestkernel/ring.h"
#include "guestkernel/sched.h"
#include "guestkernel/timeout.h"
#include "guestkernel/x86/insn.h"

_Static_assert(MSGTAG_ERROR == TAG_ERROR, "ipc.S");
_Static_assert(TIME_ZERO_RAW == TIMEOUT_ZERO, "ipc.S");
_Static_assert(IPC_RECEIVE_TIMEOUT == ERROR_RECEIVE_TIMEOUT, "ipc.S");

static uint64_t sender_id(const struct tcb *s)
{
	return s->virtual_sender ? s->virtual_sender : s->id;
}

static bool is_from(const struct tcb *d, const struct tcb *s, uint64_t from)
{
	return from == WAITS_ANY || from == s->id || from == sender_id(s) ||
	       (from == WAITS_ANY_LOCAL && s->space == d->space);
}

bool ipc_accepts(const struct tcb *d, const struct tcb *s)
{
	return is_from(d, s, d->waits_for);
}

/* --- what all ends of an Ipc have in common --- */

/* @t waits no more, neither to send nor to receive; what it does is open. */
static void stop_waiting(struct tcb *t)
{
	struct tcb *d = t->partner;

	portal_accept(t, false);
	t->waits_for = WAITS_NOT;
	timeout_remove(t);
	if (t->state != THREAD_SENDING)
		return;
	t->state = THREAD_NONE;
	ring_remove(t, &d->senders);
	if (!d->senders)
		clear_bits(&d->flags, THREAD_PROPAGATED);
}

static void end(struct tcb *t)
{
	/* Who began to wait the short way has not saved it. */
	if (!(t->flags & THREAD_KERNEL_IPC))
		frame_of(t)->rdi = t->local_id;
	t->flags &= ~(uint32_t)THREAD_KERNEL_IPC;
	t->receive_from = 0;
	t->virtual_sender = 0;
	t->intended = 0;
	sched_wake(t);
}

void ipc_received(struct tcb *t, uint64_t error)
{
	stop_waiting(t);
	if (error) {
		set_bits(&frame_of(t)->mr[0], MSGTAG_ERROR);
		*thread_tcr(t, UTCB_ERROR_CODE) = error;
	}
	end(t);
}

/* For a thread that does not wait. */
static __attribute__((noinline)) void fail(struct tcb *t, uint64_t code)
{
	if (!(t->flags & THREAD_KERNEL_IPC)) {
		*thread_tcr(t, UTCB_ERROR_CODE) = code;
		if (ipc_error_phase(code) == IPC_RECEIVE)
			frame_of(t)->mr[0] = 0;
		set_bits(&frame_of(t)->mr[0], MSGTAG_ERROR);
	}
	end(t);
}

void ipc_fail(struct tcb *t, uint64_t code)
{
	stop_waiting(t);
	fail(t, code);
}

/* --- receive phase --- */

/* Propagated messages are found by a search, as open waits are. */
static struct tcb *find_sender(const struct tcb *t, uint64_t from)
{
	struct tcb *s = t->senders;

	if (!s)
		return NULL;
	if (from < WAITS_ANY_LOCAL && !(t->flags & THREAD_PROPAGATED)) {
		s = thread_find(from);
		return s && s->state == THREAD_SENDING && s->partner == t
			       ? s
			       : NULL;
	}
	do {
		if (is_from(t, s, from))
			return s;
		s = s->next;
	} while (s != t->senders);
	return NULL;
}

/* For the kernel's own messages the partner need not exist yet. */
static bool may_wait_for(const struct tcb *t, uint64_t from)
{
	struct tcb *s;

	if (from >= WAITS_ANY_LOCAL)
		return true;
	if (from & REMOTE_ID_BIT)
		return remote_may_receive(t, from);
	s = thread_find(from);
	if (s)
		s->awaited = from;
	return s || (t->flags & THREAD_KERNEL_IPC);
}

static void limit_wait(struct tcb *t, l4_time_t timeout)
{
	if (!time_is_never(timeout))
		timeout_add(t, clock_deadline(timeout));
}

static void wait_for(struct tcb *t, uint64_t from, l4_time_t timeout)
{
	if (!may_wait_for(t, from)) {
		fail(t, IPC_RECEIVE_NO_PARTNER);
		return;
	}
	if (time_is_zero(timeout) && !portal_is_pending(t)) {
		fail(t, IPC_RECEIVE_TIMEOUT);
		return;
	}
	t->state = THREAD_RECEIVING;
	t->waits_for = from;
	portal_accept(t, true);
	limit_wait(t, timeout);
}

/*
 * The send phase of @s ended with @error (0: none).  Returns true if it has a
 * receive phase to enter.
 */
static bool end_send(struct tcb *s, uint64_t error)
{
	if (s->flags & THREAD_INTERRUPT) {
		interrupt_delivered(s);
		return false;
	}
	if (error) {
		ipc_fail(s, error);
		return false;
	}
	if (s->receive_from)
		return true;
	if (!(s->flags & THREAD_KERNEL_IPC))
		clear_bits(&frame_of(s)->mr[0], MSGTAG_ERROR);
	end(s);
	return false;
}

/*
 * A sender that is served here may enter its receive phase and serve a third:
 * each turn ends one Ipc, so the loop is bounded by what threads had asked for.
 */
void ipc_receive(struct tcb *t, uint64_t from, l4_time_t timeout)
{
	for (;;) {
		struct tcb *s = find_sender(t, from);
		uint64_t error;

		if (!s) {
			wait_for(t, from, timeout);
			return;
		}
		stop_waiting(s);
		error = ipc_transfer(s, t);
		if (error == IPC_PENDING)
			return;
		end(t);
		if (!end_send(s, error))
			return;
		t = s;
		from = s->receive_from;
		timeout = (l4_time_t){s->receive_timeout};
	}
}

/* --- send phase --- */

static void wait_to_send(struct tcb *s, struct tcb *d, l4_time_t timeout)
{
	if (time_is_zero(timeout)) {
		ipc_fail(s, IPC_SEND_TIMEOUT);
		return;
	}
	s->state = THREAD_SENDING;
	s->partner = d;
	ring_add_last(s, &d->senders);
	if (s->virtual_sender)
		set_bits(&d->flags, THREAD_PROPAGATED);
	limit_wait(s, timeout);
}

static void sent(struct tcb *s, uint64_t error)
{
	if (end_send(s, error))
		ipc_receive(
			s, s->receive_from, (l4_time_t){s->receive_timeout});
}

void ipc_sent(struct tcb *s)
{
	sent(s, 0);
}

void ipc_send(struct tcb *s, uint64_t to, l4_time_t timeout)
{
	struct tcb *d = thread_find(to);
	uint64_t error;

	if (!d) {
		ipc_fail(s, IPC_SEND_NO_PARTNER);
		return;
	}
	d->awaited = to; /* by @s or, if that propagates, by another */
	if (d->flags & THREAD_INTERRUPT) {
		interrupt_acknowledge(d);
		ipc_sent(s);
		return;
	}
	if (!ipc_accepts(d, s)) {
		wait_to_send(s, d, timeout);
		return;
	}
	/* First: what the transfer opens a window for may not be for @d. */
	stop_waiting(d);
	error = ipc_transfer(s, d);
	if (error == IPC_PENDING)
		return;
	end(d);
	sent(s, error);
}

void ipc_transferred(
	struct tcb *s, struct tcb *d, uint64_t sent_error, uint64_t received)
{
	ipc_received(d, received);
	sent(s, sent_error);
}

void ipc_redirect(struct tcb *t, uint64_t from)
{
	t->waits_for = from;
	if (!find_sender(t, from))
		return;
	stop_waiting(t);
	ipc_receive(t, from, TIME_NEVER);
}

/* --- the system call --- */

struct tcb *ipc_long(struct tcb *self)
{
	uint64_t to = frame_of(self)->rsi;
	uint64_t from = frame_of(self)->rdx;
	uint64_t timeouts = frame_of(self)->r8;
	uint64_t wanted;

	/* A local id that names nobody is a partner that does not exist. */
	if (to && !(to = thread_resolve(self, to))) {
		ipc_fail(self, IPC_SEND_NO_PARTNER);
		return dispatch();
	}
	if (to != frame_of(self)->rsi)
		self->local_partner = thread_slot(to);
	if (from && !(from = thread_resolve(self, from)))
		from = frame_of(self)->rdx; /* fails when its turn comes */
	wanted = to;
	to = redirect(self, wanted);
	self->receive_from = from == wanted ? to : from;
	self->receive_timeout = TIMEOUTS_RECEIVE(timeouts).raw;

	if (!to) {
		if (from)
			ipc_receive(self, from, TIMEOUTS_RECEIVE(timeouts));
	} else if (to & REMOTE_ID_BIT) {
		remote_send(self, to);
	} else {
		if (frame_of(self)->mr[0] & MSGTAG_PROPAGATED)
			propagate(self, to, wanted);
		ipc_send(self, to, TIMEOUTS_SEND(timeouts));
	}
	return dispatch();
}

/* --- ends from outside --- */

static __attribute__((noinline)) void end_with(
	struct tcb *t, enum ipc_error error)
{
	bool receives = t->state == THREAD_RECEIVING;

	if (receives || t->state == THREAD_SENDING)
		ipc_fail(t, ipc_error_code(receives ? IPC_RECEIVE : IPC_SEND,
				    error, 0));
}

void ipc_timeout(struct tcb *t)
{
	if (t->state == THREAD_STRING_WAITS)
		string_timeout(t);
	else
		end_with(t, IPC_TIMEOUT);
}

void ipc_cancel(struct tcb *t)
{
	if (t->flags & THREAD_STRING)
		string_abort(t);
	else if (t->state == THREAD_REMOTE)
		remote_cancel(t);
	else
		end_with(t, IPC_CANCELLED);
}

void ipc_leave(struct tcb *t)
{
	stop_waiting(t);
	sched_remove(t);
}

static bool waits_in_vain(const struct tcb *t, uint64_t id)
{
	return t->waits_for == id && !thread_is_starting(t);
}

void ipc_lose_partner(struct tcb *t)
{
	struct tcb *r = thread_newest; /* @t or another one */
	uint8_t n = 0;

	while (t->senders) {
		struct tcb *s = t->senders;

		stop_waiting(s);
		if (s->flags & THREAD_INTERRUPT)
			interrupt_refused(s);
		else
			ipc_fail(s, IPC_SEND_NO_PARTNER);
	}
	/* Whom it waits for by now has sent something, or was waited for. */
	if (thread_is_starting(t) && !t->awaited)
		return;
	do {
		if (waits_in_vain(r, t->id))
			ipc_fail(r, IPC_RECEIVE_NO_PARTNER);
		if (++n == 0) /* now and then */
			interrupt_window();
		r = r->older;
	} while (r);
}

void ipc_detach(struct tcb *t)
{
	if (t->flags & THREAD_STRING)
		string_abort(t);
	ipc_leave(t);
	ipc_lose_partner(t);
}
