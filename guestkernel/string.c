/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that describe strings and buffers lie in UTCBs, where user
 * programs can change them at any time: each is checked at each use.
 */
#include "guestkernel/string.h"

#include "guestkernel/abi/item.h"
#include "guestkernel/caller.h"
#include "guestkernel/clock.h"
#include "guestkernel/fault.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/notice.h"
#include "guestkernel/remote_string.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/trap.h"

#define CHUNKS 16 /* at most of a page each, before others may run */

/* Message and buffer registers as one kind of array. */
static uint64_t string_word(const struct tcb *t, bool receive, unsigned i)
{
	if (receive)
		return t->utcb[UTCB_BR0 - (int)i];
	return i < FRAME_MRS ? frame_of(t)->mr[i] : t->utcb[i];
}

static uint64_t string_next_bytes(
	struct tcb *t, bool receive, struct string_place *p, uint64_t *address)
{
	unsigned last = receive ? UTCB_BR_COUNT - 1 : UTCB_MR_COUNT - 1;

	while (p->word <= last) {
		uint64_t head = string_word(t, receive, p->word);
		unsigned pieces = ITEM_STRING_PIECES(head);

		if (!item_is_string(head) || p->word + pieces > last)
			return 0;
		for (; p->piece < pieces; p->piece++, p->offset = 0) {
			if (p->offset >= ITEM_STRING_LENGTH(head))
				continue;
			*address = string_word(t, receive,
					   p->word + 1u + p->piece) +
				   p->offset;
			return ITEM_STRING_LENGTH(head) - p->offset;
		}
		p->word = (uint8_t)(p->word + 1 + pieces);
		p->piece = 0;
		if (!(head & ITEM_STRING_COMPOUND))
			return 0;
	}
	return 0;
}

static void string_next_buffer(struct tcb *d, struct string *x)
{
	struct string_place *p = &x->to;
	uint64_t first = string_word(d, true, x->buffer);
	uint64_t head;

	do {
		head = string_word(d, true, p->word);
		p->word = (uint8_t)(p->word + item_words(head));
	} while ((head & ITEM_STRING_COMPOUND) && p->word < UTCB_BR_COUNT);
	p->piece = 0;
	p->offset = 0;
	if (!(first & ITEM_CONTINUES) || p->word >= UTCB_BR_COUNT)
		p->word = UTCB_BR_COUNT; /* none */
	else
		x->buffer = p->word;
}

/* At the kernel's address of it; NULL: a fault. */
static char *page_at(struct tcb *t, bool write, uint64_t address)
{
	unsigned log2;
	uint64_t *pte;

	if (address >= USER_END)
		return NULL;
	pte = ptab_walk(t->space->root, address, &log2);
	if (!(*pte & PTE_PRESENT) || (write && !(*pte & PTE_WRITE)))
		return NULL;
	*pte |= write ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
	return ptab_window(write,
		(*pte & PTE_ADDRESS) | (address & ((UINT64_C(1) << log2) - 1)));
}

static uint64_t page_rest(uint64_t address)
{
	return PAGE_SIZE - address % PAGE_SIZE;
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void string_begin(struct tcb *s, struct tcb *d, unsigned item, unsigned last)
{
	bool accepts = !(d->flags & THREAD_KERNEL_IPC) &&
		       (*thread_tcr(d, UTCB_BR0) & ACCEPT_STRINGS);

	s->string = (struct string){
		.item = (uint8_t)item,
		.last = (uint8_t)last,
		.buffer = 1,
		.to.word = accepts ? 1 : UTCB_BR_COUNT,
	};
}

enum transfer_result string_copy(struct tcb *s, struct tcb *d)
{
	struct string *x = &s->string;

	if (!x->from.word)
		x->from = (struct string_place){.word = x->item};
	for (unsigned i = 0; i < CHUNKS; i++) {
		uint64_t from, to;
		uint64_t size = string_next_bytes(s, false, &x->from, &from);
		uint64_t space;
		const char *source;
		char *place;

		if (!size) {
			x->item = x->from.word;
			x->from.word = 0;
			if (x->to.word < UTCB_BR_COUNT)
				string_next_buffer(d, x);
			return TRANSFER_DONE;
		}
		space = string_next_bytes(d, true, &x->to, &to);
		if (!space)
			return TRANSFER_OVERFLOW;
		source = page_at(s, false, from);
		if (!source)
			return TRANSFER_FAULT_SENDER;
		place = page_at(d, true, to);
		if (!place)
			return TRANSFER_FAULT_RECEIVER;
		size = minimum(minimum(size, space),
			minimum(page_rest(from), page_rest(to)));
		if (!try_copy(place, source, size)) {
			notice_take(); /* then page_at() sees it */
			continue;
		}
		x->from.offset += size;
		x->to.offset += size;
		x->bytes += size;
	}
	return TRANSFER_MORE;
}

/* --- in pieces --- */

static struct tcb *sender_of(struct tcb *t)
{
	return (t->flags & THREAD_STRING_SENDER) ? t : t->peer;
}

void string_suspend(struct tcb *s, struct tcb *d)
{
	struct string *x = &s->string;

	x->receive_from = s->receive_from;
	x->receive_timeout = s->receive_timeout;
	/* Now, as the sender's page faults are messages of its own. */
	ipc_deliver(s, d, frame_of(s)->mr[0], 0);
	s->virtual_sender = 0;
	s->intended = 0;
	s->peer = d;
	d->peer = s;
	s->flags |= THREAD_STRING_SENDER;
	d->flags |= THREAD_STRING_RECEIVER;
	d->state = THREAD_STRING_WAITS;
	sched_wake(s);
}

/* Both threads as they were before string_suspend(), with the result. */
static void finish(struct tcb *s, uint64_t sent, uint64_t received)
{
	struct string *x = &s->string;
	struct tcb *d = s->peer;

	ipc_leave(s);
	ipc_leave(d);
	s->flags &= ~(uint32_t)(THREAD_STRING_SENDER | THREAD_KERNEL_IPC);
	d->flags &= ~(uint32_t)(THREAD_STRING_RECEIVER | THREAD_KERNEL_IPC);
	s->receive_from = x->receive_from;
	s->receive_timeout = x->receive_timeout;
	ipc_transferred(s, d, sent, received);
}

static void fail(struct tcb *s, enum ipc_error sent, enum ipc_error received)
{
	uint64_t bytes = s->string.bytes;

	finish(s, ipc_error_code(IPC_SEND, sent, bytes),
		ipc_error_code(IPC_RECEIVE, received, bytes));
}

void string_abort(struct tcb *t)
{
	if (remote_string_is(t))
		caller_cancel(t);
	else
		fail(sender_of(t), IPC_ABORTED, IPC_ABORTED);
}

void string_timeout(struct tcb *t)
{
	struct tcb *s = sender_of(t);

	if (s->string.receiver_first)
		fail(s, IPC_XFER_TIMEOUT_PARTNER, IPC_XFER_TIMEOUT);
	else
		fail(s, IPC_XFER_TIMEOUT, IPC_XFER_TIMEOUT_PARTNER);
}

static uint64_t deadline_of(l4_time_t timeout)
{
	return time_is_never(timeout) ? TIMEOUT_NEVER : clock_deadline(timeout);
}

/* The time for all page faults of a transfer begins with the first one. */
static void start_timeouts(struct tcb *s, struct tcb *d)
{
	uint64_t send =
		deadline_of(TIMEOUTS_SEND(*thread_tcr(s, UTCB_XFER_TIMEOUTS)));
	uint64_t receive = deadline_of(
		TIMEOUTS_RECEIVE(*thread_tcr(d, UTCB_XFER_TIMEOUTS)));

	s->string.receiver_first = receive < send;
	s->string.deadline = minimum(send, receive);
}

void string_page_fault(struct tcb *t, uint64_t address)
{
	bool write = (t->flags & THREAD_STRING_RECEIVER) != 0;

	if (t->space->is_sigma0 && map_sigma0_fault(t->space, address))
		sched_wake(t);
	else if (address >= USER_END ||
		 space_is_special(t->space, address, 1) ||
		 !fault_send_page(t, write ? FPAGE_W : FPAGE_R, address,
			 write ? UINT64_MAX : frame_of(t)->rip))
		string_abort(t);
}

/* @t's page at @address is missing; its partner waits for it too. */
static void page_fault(struct tcb *s, struct tcb *t, uint64_t address)
{
	t->peer->state = THREAD_STRING_WAITS;
	if (!s->string.deadline)
		start_timeouts(s, s->peer);
	if (s->string.deadline <= rdtsc()) {
		string_timeout(t);
		return;
	}
	if (s->string.deadline != TIMEOUT_NEVER)
		timeout_add(t->peer, s->string.deadline);
	string_page_fault(t, address);
}

static void go_on(struct tcb *t)
{
	struct tcb *s = sender_of(t);
	struct tcb *d = s->peer;
	uint64_t address = 0;

	timeout_remove(t->peer);
	switch (ipc_transfer_items(s, d)) {
	case TRANSFER_DONE:
		finish(s, 0, 0);
		return;
	case TRANSFER_OVERFLOW:
		fail(s, IPC_OVERFLOW, IPC_OVERFLOW);
		return;
	case TRANSFER_FAULT_SENDER:
		string_next_bytes(s, false, &s->string.from, &address);
		page_fault(s, s, address);
		return;
	case TRANSFER_FAULT_RECEIVER:
		string_next_bytes(d, true, &s->string.to, &address);
		page_fault(s, d, address);
		return;
	default:
		interrupt_window();
		return;
	}
}

void string_continue(struct tcb *t)
{
	if (remote_string_is(t))
		remote_string_continue(t);
	else
		go_on(t);
}
