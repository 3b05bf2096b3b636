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
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/trap.h"

#define CHUNKS 16 /* at most of a page each, before others may run */

#define BUFFER_LAST (UTCB_BR_COUNT - 1)

/*
 * Find the next bytes of a string, or of a buffer; either may have pieces.
 * @zero: MR0 or BR0; @step: from one register to the next
 *
 * Returns how many there are at *@address; 0 at the end, and then @p is behind
 * all of it.
 */
static uint64_t next_bytes(const uint64_t *zero, int64_t step, unsigned last,
	struct string_place *p, uint64_t *address)
{
	while (p->word <= last) {
		const uint64_t *head = zero + step * p->word;
		uint64_t word = *head;
		unsigned pieces = ITEM_STRING_PIECES(word);
		uint64_t length = ITEM_STRING_LENGTH(word);

		if (!item_is_string(word) || p->word + pieces > last)
			return 0;
		if (p->offset < pieces * length) {
			uint64_t done = p->offset % length;

			head += step * (int64_t)(p->offset / length + 1);
			*address = *head + done;
			return length - done;
		}
		p->offset = 0;
		p->word = (uint8_t)(p->word + 1 + pieces);
		if (!(word & ITEM_STRING_COMPOUND))
			return 0;
	}
	return 0;
}

static uint64_t next_room(struct tcb *d, struct string *x, uint64_t *address)
{
	return next_bytes(
		thread_tcr(d, UTCB_BR0), -1, BUFFER_LAST, &x->to, address);
}

/* The buffer is done with, full or not. */
static void next_buffer(struct tcb *d, struct string *x)
{
	bool more = *thread_tcr(d, UTCB_BR0 - x->buffer) & ITEM_CONTINUES;
	uint64_t address, room;

	while ((room = next_room(d, x, &address)))
		x->to.offset += room;
	x->buffer = more ? x->to.word : UTCB_BR_COUNT;
}

/* At the kernel's address of it; NULL: a fault, at @t->message[1]. */
static char *page_at(struct tcb *t, bool write, uint64_t address)
{
	struct leaf leaf;
	uint64_t *pte;

	t->message[1] = address;
	if (address >= user_end)
		return NULL;
	leaf = ptab_walk(t->space, address);
	pte = leaf.pte;
	if (!(*pte & PTE_PRESENT) || (write && !(*pte & PTE_WRITE)))
		return NULL;
	*pte |= write ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
	return ptab_window(write,
		page_of(*pte) | (address & ((UINT64_C(1) << leaf.log2) - 1)));
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void string_begin(struct tcb *s, struct tcb *d, unsigned item, unsigned last)
{
	bool accepts = !(d->flags & THREAD_KERNEL_IPC) &&
		       (*thread_tcr(d, UTCB_BR0) & ACCEPT_STRINGS);
	uint8_t buffer = accepts ? 1 : UTCB_BR_COUNT;

	s->string = (struct string){
		.from.word = (uint8_t)item,
		.last = (uint8_t)last,
		.to.word = 1,
		.buffer = buffer,
	};
}

enum transfer_result string_copy(struct tcb *s, struct tcb *d)
{
	struct string *x = &s->string;

	if (x->buffer > BUFFER_LAST)
		return TRANSFER_OVERFLOW;
	for (unsigned i = 0; i < CHUNKS; i++) {
		uint64_t from, to, space;
		uint64_t size =
			next_bytes(s->utcb, 1, x->last, &x->from, &from);
		const char *source;
		char *place;

		if (!size) {
			next_buffer(d, x);
			return TRANSFER_DONE;
		}
		space = next_room(d, x, &to);
		if (!space)
			return TRANSFER_OVERFLOW;
		source = page_at(s, false, from);
		if (!source)
			return TRANSFER_FAULT_SENDER;
		place = page_at(d, true, to);
		if (!place)
			return TRANSFER_FAULT_RECEIVER;
		size = minimum(minimum(size, space),
			minimum(PAGE_SIZE - from % PAGE_SIZE,
				PAGE_SIZE - to % PAGE_SIZE));
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

void string_enter(struct tcb *t, uint32_t role, struct tcb *peer)
{
	t->flags |= role;
	t->peer = peer;
	t->string.receive_from = t->receive_from;
	t->string.receive_timeout = t->receive_timeout;
	t->virtual_sender = 0;
	t->intended = 0;
}

void string_leave(struct tcb *t)
{
	ipc_leave(t);
	clear_bits(&t->flags, THREAD_STRING | THREAD_KERNEL_IPC);
	t->receive_from = t->string.receive_from;
	t->receive_timeout = t->string.receive_timeout;
}

void string_suspend(struct tcb *s, struct tcb *d)
{
	string_enter(s, THREAD_STRING_SENDER, d);
	string_enter(d, THREAD_STRING_RECEIVER, s);
	d->state = THREAD_STRING_WAITS;
	sched_wake(s);
}

/* Both threads as they were before string_suspend(), with the result. */
static __attribute__((noinline)) void finish(
	struct tcb *s, uint64_t sent, uint64_t received)
{
	struct tcb *d = s->peer;

	string_leave(s);
	string_leave(d);
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

/* The time for all page faults of a transfer begins with the first one. */
static void start_timeouts(struct string *x, struct tcb *s, struct tcb *d)
{
	uint64_t send = clock_ticks_of(
		TIMEOUTS_SEND(*thread_tcr(s, UTCB_XFER_TIMEOUTS)));
	uint64_t receive = clock_ticks_of(
		TIMEOUTS_RECEIVE(*thread_tcr(d, UTCB_XFER_TIMEOUTS)));

	x->receiver_first = receive < send;
	x->deadline = minimum(send, receive);
	if (x->deadline != TIMEOUT_NEVER)
		x->deadline += rdtsc();
}

void string_page_fault(struct tcb *t)
{
	uint64_t address = t->message[1];
	bool write = (t->flags & THREAD_STRING_RECEIVER) != 0;

	if (t->space->is_sigma0 && map_sigma0_fault(t->space, address))
		sched_wake(t);
	else if (address >= user_end || space_is_special(t->space, address, 1))
		string_abort(t);
	else
		fault_send_page(t, write ? FPAGE_W : FPAGE_R, address,
			write ? UINT64_MAX : frame_of(t)->rip);
}

/* @t's page is missing; its partner waits for it too. */
static void page_fault(struct tcb *s, struct tcb *t)
{
	struct string *x = &s->string;

	t->peer->state = THREAD_STRING_WAITS;
	if (!x->deadline)
		start_timeouts(x, s, s->peer);
	if (x->deadline <= rdtsc()) {
		string_timeout(t);
		return;
	}
	if (x->deadline != TIMEOUT_NEVER)
		timeout_add(t->peer, x->deadline);
	string_page_fault(t);
}

static void go_on(struct tcb *t)
{
	struct tcb *s = sender_of(t);
	struct tcb *d = s->peer;

	timeout_remove(t->peer);
	switch (ipc_transfer_items(s, d)) {
	case TRANSFER_DONE:
		finish(s, 0, 0);
		break;
	case TRANSFER_OVERFLOW:
		fail(s, IPC_OVERFLOW, IPC_OVERFLOW);
		break;
	case TRANSFER_FAULT_SENDER:
		page_fault(s, s);
		break;
	case TRANSFER_FAULT_RECEIVER:
		page_fault(s, d);
		break;
	default:
		interrupt_window();
		break;
	}
}

void string_continue(struct tcb *t)
{
	if (remote_string_is(t))
		remote_string_continue(t);
	else
		go_on(t);
}
