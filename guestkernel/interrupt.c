/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/interrupt.h"

#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/ipc.h"
#include "guestkernel/notice.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

/* Raised before anybody was associated. */
static uint64_t early;

static void raise(struct tcb *t)
{
	if (t->masked || t->state == THREAD_SENDING ||
		!thread_find(t->handler)) {
		t->pending = true;
		return;
	}
	t->message[0] = msgtag_make(PROTOCOL_INTERRUPT, 0, 0).raw;
	ipc_send(t, t->handler, TIME_NEVER);
}

void interrupt_take(void)
{
	volatile uint64_t *word = &CONTROL->notified;
	uint64_t bits = __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST);

	if (bits & NOTIFIED_MEMORY) {
		bits &= ~NOTIFIED_MEMORY;
		notice_take();
	}
	while (bits) {
		unsigned n = (unsigned)__builtin_ctzll(bits);
		struct tcb *t = thread_find(thread_id_interrupt(n).raw);

		bits &= bits - 1;
		if (t)
			raise(t);
		else
			bit_set(&early, n);
	}
}

static struct tcb *associate(uint64_t id, uint64_t handler)
{
	struct tcb *t = thread_create(id, NULL);
	uint64_t n = id >> THREAD_SHIFT;

	if (!t)
		return NULL;
	t->flags |= THREAD_INTERRUPT;
	t->handler = handler;
	if (bit_test(&early, n)) {
		bit_clear(&early, n);
		raise(t);
	}
	return t;
}

enum l4_error interrupt_control(uint64_t id, uint64_t handler)
{
	const struct tcb *h = thread_find(handler);
	struct tcb *t = thread_find(id);

	if (thread_id_version((thread_id_t){id}) != 1)
		return L4_INVALID_THREAD;
	if (handler == id) {
		if (t)
			thread_delete(t);
		return L4_OK;
	}
	if (!h || (h->flags & THREAD_INTERRUPT))
		return L4_INVALID_THREAD;
	if (!t)
		return associate(id, handler) ? L4_OK : L4_NO_MEMORY;
	if (t->state == THREAD_SENDING) {
		ipc_leave(t);
		interrupt_refused(t);
	}
	t->handler = handler;
	interrupt_acknowledge(t);
	return L4_OK;
}

void interrupt_acknowledge(struct tcb *t)
{
	t->masked = false;
	if (!t->pending || t->state == THREAD_SENDING)
		return;
	t->pending = false;
	raise(t);
}

void interrupt_delivered(struct tcb *t)
{
	t->state = THREAD_NONE;
	t->masked = true;
}

void interrupt_refused(struct tcb *t)
{
	t->state = THREAD_NONE;
	t->pending = true;
}
