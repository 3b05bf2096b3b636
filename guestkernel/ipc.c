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

#define THREADS_A_WINDOW 4096 /* looked at before interrupts may come */

static uint64_t sender_id(const struct tcb *s)
{
	return s->virtual_sender ? s->virtual_sender : s->id;
}

bool ipc_accepts(const struct tcb *d, const struct tcb *s)
{
	if (d->waits_for == WAITS_ANY)
		return true;
	if (d->waits_for == WAITS_ANY_LOCAL)
		return s->space == d->space;
	return d->waits_for == s->id || d->waits_for == sender_id(s);
}

/* --- what all ends of an Ipc have in common --- */

static void stop_waiting(struct tcb *t)
{
	portal_accept(t, false);
	t->waits_for = WAITS_NOT;
	timeout_remove(t);
}

static void leave_sender_queue(struct tcb *s)
{
	struct tcb *d = s->partner;

	ring_remove(s, &d->senders);
	if (!d->senders)
		d->flags &= ~(uint32_t)THREAD_PROPAGATED;
	s->partner = NULL;
	timeout_remove(s);
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
		frame_of(t)->mr[0] |= MSGTAG_ERROR;
		*thread_tcr(t, UTCB_ERROR_CODE) = error;
	}
	end(t);
}

void ipc_fail(struct tcb *t, uint64_t code)
{
	stop_waiting(t);
	if (!(t->flags & THREAD_KERNEL_IPC)) {
		*thread_tcr(t, UTCB_ERROR_CODE) = code;
		if (ipc_error_phase(code) == IPC_RECEIVE)
			frame_of(t)->mr[0] = 0;
		frame_of(t)->mr[0] |= MSGTAG_ERROR;
	}
	end(t);
}

/* --- receive phase --- */

static struct tcb *find_in_queue(const struct tcb *t, uint64_t from)
{
	struct tcb *s = t->senders;

	do {
		if (from == WAITS_ANY_LOCAL ? s->space == t->space
					    : sender_id(s) == from)
			return s;
		s = s->next;
	} while (s != t->senders);
	return NULL;
}

static struct tcb *find_sender(const struct tcb *t, uint64_t from)
{
	struct tcb *s;

	if (!t->senders)
		return NULL;
	if (from == WAITS_ANY)
		return t->senders;
	if (from == WAITS_ANY_LOCAL)
		return find_in_queue(t, from);
	s = thread_find(from);
	if (s && s->state == THREAD_SENDING && s->partner == t)
		return s;
	if (t->flags & THREAD_PROPAGATED)
		return find_in_queue(t, from);
	return NULL;
}

/* For the kernel's own messages the partner need not exist yet. */
static bool may_wait_for(const struct tcb *t, uint64_t from)
{
	if (from == WAITS_ANY || from == WAITS_ANY_LOCAL)
		return true;
	if (from & REMOTE_ID_BIT)
		return remote_may_receive(t, from);
	return (t->flags & THREAD_KERNEL_IPC) || thread_find(from);
}

static void wait_for(struct tcb *t, uint64_t from, l4_time_t timeout)
{
	bool poll = time_is_zero(timeout);

	if (!may_wait_for(t, from)) {
		ipc_fail(t, IPC_RECEIVE_NO_PARTNER);
		return;
	}
	if (poll && !portal_is_pending(t)) {
		ipc_fail(t, IPC_RECEIVE_TIMEOUT);
		return;
	}
	t->state = THREAD_RECEIVING;
	t->waits_for = from;
	if (!time_is_never(timeout))
		timeout_add(t, clock_deadline(timeout));
	portal_accept(t, true);
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
		frame_of(s)->mr[0] &= ~MSGTAG_ERROR;
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
		leave_sender_queue(s);
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
		d->flags |= THREAD_PROPAGATED;
	if (!time_is_never(timeout))
		timeout_add(s, clock_deadline(timeout));
}

void ipc_sent(struct tcb *s)
{
	if (end_send(s, 0))
		ipc_receive(
			s, s->receive_from, (l4_time_t){s->receive_timeout});
}

void ipc_send(struct tcb *s, uint64_t to, l4_time_t timeout)
{
	struct tcb *d = thread_find(to);
	uint64_t error;

	if (!d) {
		ipc_fail(s, IPC_SEND_NO_PARTNER);
		return;
	}
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
	if (error)
		end_send(s, error);
	else
		ipc_sent(s);
}

void ipc_transferred(
	struct tcb *s, struct tcb *d, uint64_t sent, uint64_t received)
{
	ipc_received(d, received);
	if (end_send(s, sent))
		ipc_receive(
			s, s->receive_from, (l4_time_t){s->receive_timeout});
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

static void end_with(struct tcb *t, enum ipc_error error)
{
	if (t->state == THREAD_SENDING) {
		leave_sender_queue(t);
		ipc_fail(t, ipc_error_code(IPC_SEND, error, 0));
	} else if (t->state == THREAD_RECEIVING) {
		ipc_fail(t, ipc_error_code(IPC_RECEIVE, error, 0));
	}
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
	if (t->state == THREAD_SENDING)
		leave_sender_queue(t);
	stop_waiting(t);
	sched_remove(t);
}

static bool waits_in_vain(const struct tcb *t, uint64_t id)
{
	return t->state == THREAD_RECEIVING && t->waits_for == id &&
	       !((t->flags & THREAD_KERNEL_IPC) &&
		       t->kernel_ipc == KERNEL_IPC_START);
}

void ipc_lose_partner(struct tcb *t)
{
	unsigned n = 0;

	while (t->senders) {
		struct tcb *s = t->senders;

		leave_sender_queue(s);
		if (s->flags & THREAD_INTERRUPT)
			interrupt_refused(s);
		else
			ipc_fail(s, IPC_SEND_NO_PARTNER);
	}
	for (struct tcb *r = thread_newest; r; r = r->older) {
		if (r != t && waits_in_vain(r, t->id))
			ipc_fail(r, IPC_RECEIVE_NO_PARTNER);
		if (++n % THREADS_A_WINDOW == 0)
			interrupt_window();
	}
}

void ipc_detach(struct tcb *t)
{
	if (t->flags & THREAD_STRING)
		string_abort(t);
	ipc_leave(t);
	ipc_lose_partner(t);
}
