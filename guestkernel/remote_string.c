/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both sides walk over the sender's items: the receiver has a copy of them in
 * its own message registers and needs the lengths.  Whatever a program does to
 * these words meanwhile, each step ends, and only its own memory is named.
 */
#include "guestkernel/remote_string.h"

#include "guestkernel/abi/item.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/caller.h"
#include "guestkernel/clock.h"
#include "guestkernel/fault.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/notice.h"
#include "guestkernel/remote.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"

/* Where the next bytes of a stream are. */
enum next {
	NEXT_BYTES,
	NEXT_END,     /* there are none */
	NEXT_NO_ROOM, /* there are, but the receiver has no room for them */
};

static struct tcb *thread_of[STRING_TICKETS];
static uint64_t to_abort; /* tickets for ACTION_STRING */

static bool is_receiver(const struct tcb *t)
{
	return (t->flags & THREAD_STRING_RECEIVER) != 0;
}

/* The string at @x->item has no more bytes. */
static void next_item(struct tcb *t, struct string *x)
{
	/* One that is none any more takes the walk no further. */
	x->item =
		x->from.word > x->item ? x->from.word : (uint8_t)(x->last + 1);
	x->from.word = 0;
	if (is_receiver(t) && x->to.word < UTCB_BR_COUNT)
		string_next_buffer(t, x);
}

static enum next find_next(
	struct tcb *t, struct string *x, uint64_t *address, uint64_t *size)
{
	uint64_t space;

	while (x->item <= x->last) {
		if (!item_is_string(string_word(t, false, x->item))) {
			x->item += 2;
			continue;
		}
		if (!x->from.word)
			x->from = (struct string_place){.word = x->item};
		*size = string_next_bytes(t, false, &x->from, address);
		if (!*size) {
			next_item(t, x);
			continue;
		}
		if (!is_receiver(t))
			return NEXT_BYTES;
		space = string_next_bytes(t, true, &x->to, address);
		if (space < *size)
			*size = space;
		return space ? NEXT_BYTES : NEXT_NO_ROOM;
	}
	return is_receiver(t) ? NEXT_NO_ROOM : NEXT_END;
}

static void advance(struct string *x, uint64_t size)
{
	x->from.offset += size;
	x->to.offset += size;
	x->bytes += size;
}

/* --- what the VMM is told --- */

/* Adds @size bytes at @gpa; false if there is no room for another run. */
static bool add_run(uint64_t gpa, uint64_t size)
{
	volatile struct string_args *out = &CONTROL->string;
	volatile struct string_run *run = &out->run[out->nr_runs];

	if (out->nr_runs && run[-1].gpa + run[-1].size == gpa) {
		run[-1].size += size;
		return true;
	}
	if (out->nr_runs == STRING_RUNS)
		return false;
	run->gpa = gpa;
	run->size = size;
	out->nr_runs++;
	return true;
}

/* Runs from @t's place on; returns STRING_* about what is behind them. */
static uint32_t name_runs(struct tcb *t)
{
	bool receive = is_receiver(t);
	struct string x = t->string;
	uint64_t end = x.bytes + STRING_WINDOW;

	while (x.bytes < end) {
		uint64_t address, gpa, size;

		switch (find_next(t, &x, &address, &size)) {
		case NEXT_END:
			return STRING_LAST;
		case NEXT_NO_ROOM:
			return STRING_CUT;
		case NEXT_BYTES:
			break;
		}
		gpa = string_frame(t, receive, address);
		if (!gpa)
			return x.bytes == t->string.bytes ? STRING_FAULT : 0;
		if (size > PAGE_SIZE - address % PAGE_SIZE)
			size = PAGE_SIZE - address % PAGE_SIZE;
		if (size > end - x.bytes)
			size = end - x.bytes;
		if (!add_run(gpa, size))
			return 0;
		advance(&x, size);
	}
	return 0;
}

static uint64_t timeout_of(const struct tcb *t)
{
	uint64_t word = t->utcb[UTCB_XFER_TIMEOUTS];

	return clock_ticks_of(
		is_receiver(t) ? TIMEOUTS_RECEIVE(word) : TIMEOUTS_SEND(word));
}

static uint32_t describe(struct tcb *t)
{
	volatile struct string_args *out = &CONTROL->string;

	out->nr_runs = 0;
	out->first = t->string.bytes;
	out->timeout = timeout_of(t);
	out->flags = name_runs(t);
	return out->flags;
}

/* --- the thread --- */

static void begin(struct tcb *t, unsigned first, unsigned last, uint32_t flag)
{
	string_begin(t, t, first, last);
	t->flags |= flag;
	t->peer = NULL;
	t->string.receive_from = t->receive_from;
	t->string.receive_timeout = t->receive_timeout;
	t->string.ticket = REMOTE_STRING_CALLER;
}

void remote_string_send(struct tcb *t, unsigned first, unsigned last)
{
	begin(t, first, last, THREAD_STRING_SENDER);
	describe(t);
}

void remote_string_replying(struct tcb *t)
{
	t->string.ticket = CONTROL->string.ticket % STRING_TICKETS;
	thread_of[t->string.ticket] = t;
}

void remote_string_receive(struct tcb *t, uint32_t ticket)
{
	msgtag_t tag = {frame_of(t)->mr[0]};
	unsigned first = msgtag_untyped(tag) + 1;

	begin(t, first, first + msgtag_typed(tag) - 1, THREAD_STRING_RECEIVER);
	if (ticket < STRING_TICKETS) {
		t->string.ticket = (uint8_t)ticket;
		thread_of[ticket] = t;
	}
}

void remote_string_over(struct tcb *t)
{
	if (!remote_string_is(t))
		return;
	if (t->string.ticket < STRING_TICKETS)
		thread_of[t->string.ticket] = NULL;
	ipc_leave(t);
	t->flags &= ~(uint32_t)(THREAD_STRING | THREAD_KERNEL_IPC);
	t->receive_from = t->string.receive_from;
	t->receive_timeout = t->string.receive_timeout;
}

static void page_fault(struct tcb *t)
{
	bool receive = is_receiver(t);
	struct string x = t->string;
	uint64_t address, size;

	if (find_next(t, &x, &address, &size) != NEXT_BYTES ||
		(t->space->is_sigma0 && map_sigma0_fault(t->space, address)))
		sched_wake(t);
	else if (!string_send_fault(t, receive, address))
		remote_string_abort(t);
}

void remote_string_continue(struct tcb *t)
{
	uint8_t ticket = t->string.ticket;
	uint32_t flags;

	notice_take(); /* the VMM may have met a page that is gone */
	flags = describe(t);
	CONTROL->string.caller_slot =
		ticket < STRING_TICKETS ? 0 : t->caller_slot;
	CONTROL->string.ticket = ticket;
	t->state = THREAD_REMOTE;
	if (!(flags & STRING_FAULT)) {
		remote_leave(ACTION_STRING);
		return;
	}
	/* The time for the page may be over already. */
	remote_leave(ACTION_STRING | ACTION_MORE_READY);
	if (CONTROL->event.type != EVENT_NONE)
		remote_event();
	if (remote_string_is(t) && t->state == THREAD_REMOTE)
		page_fault(t);
}

/* --- events --- */

static struct tcb *thread_meant(struct tcb *t)
{
	if (!t)
		t = thread_of[CONTROL->event.ticket % STRING_TICKETS];
	return t && remote_string_is(t) ? t : NULL;
}

/* Moves on to the byte that the VMM wants next. */
void remote_string_wanted(struct tcb *t)
{
	uint64_t wanted = CONTROL->event.from;
	uint64_t address, size;

	t = thread_meant(t);
	if (!t || t->state != THREAD_REMOTE)
		return;
	while (t->string.bytes < wanted &&
		find_next(t, &t->string, &address, &size) == NEXT_BYTES) {
		if (size > wanted - t->string.bytes)
			size = wanted - t->string.bytes;
		advance(&t->string, size);
	}
	sched_wake(t);
}

void remote_string_ended(struct tcb *t)
{
	uint64_t error = CONTROL->event.error;
	bool receive;

	t = thread_meant(t);
	if (!t)
		return;
	receive = is_receiver(t);
	remote_string_over(t);
	if (!receive && error) {
		ipc_fail(t, error);
	} else if (!receive) {
		ipc_sent(t);
	} else {
		if (error) {
			*thread_tcr(t, UTCB_ERROR_CODE) = error;
			frame_of(t)->mr[0] |= MSGTAG_ERROR;
		}
		ipc_received(t);
	}
}

/* --- ends from here --- */

static void abort_ticket(uint32_t ticket)
{
	to_abort |= UINT64_C(1) << ticket;
	remote_work = true;
}

void remote_string_refuse(uint32_t ticket)
{
	thread_of[ticket % STRING_TICKETS] = NULL;
	abort_ticket(ticket % STRING_TICKETS);
}

void remote_string_abort(struct tcb *t)
{
	if (t->string.ticket < STRING_TICKETS)
		abort_ticket(t->string.ticket);
	else
		caller_cancel(t);
}

void remote_string_thread_gone(struct tcb *t)
{
	if (!remote_string_is(t) || t->string.ticket >= STRING_TICKETS)
		return;
	remote_string_refuse(t->string.ticket);
}

bool remote_string_act(void)
{
	if (!to_abort)
		return false;
	CONTROL->string.caller_slot = 0;
	CONTROL->string.ticket = (uint32_t)__builtin_ctzll(to_abort);
	CONTROL->string.nr_runs = 0;
	CONTROL->string.first = 0;
	CONTROL->string.flags = STRING_ABORT;
	to_abort &= to_abort - 1;
	remote_leave(ACTION_STRING);
	return true;
}
