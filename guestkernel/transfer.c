/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying a message over: words, typed items, and the messages that the
 * kernel itself sends and receives in a thread's name.  Those do not touch the
 * thread's message registers, so they need not be saved.
 */
#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/foreign.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/string.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"

#define REGISTER(name) (uint8_t)(offsetof(struct trapframe, name) / 8)

/* Exception message: which register is in which MR. */
static const uint8_t __attribute__((aligned(1)))
exception_register[EXCEPTION_WORDS + 1] = {
	[EXCEPTION_MR_RIP] = REGISTER(rip),
	[EXCEPTION_MR_RBX] = REGISTER(rbx),
	[EXCEPTION_MR_R10] = REGISTER(r10),
	[EXCEPTION_MR_R12] = REGISTER(r12),
	[EXCEPTION_MR_R13] = REGISTER(r13),
	[EXCEPTION_MR_R14] = REGISTER(r14),
	[EXCEPTION_MR_R15] = REGISTER(r15),
	[EXCEPTION_MR_RAX] = REGISTER(rax),
	[EXCEPTION_MR_RCX] = REGISTER(rcx),
	[EXCEPTION_MR_RDX] = REGISTER(rdx),
	[EXCEPTION_MR_RSI] = REGISTER(rsi),
	[EXCEPTION_MR_RDI] = REGISTER(rdi),
	[EXCEPTION_MR_RBP] = REGISTER(rbp),
	[EXCEPTION_MR_R8] = REGISTER(r8),
	[EXCEPTION_MR_R9] = REGISTER(r9),
	[EXCEPTION_MR_R11] = REGISTER(r11),
	[EXCEPTION_MR_RSP] = REGISTER(rsp),
	[EXCEPTION_MR_RFLAGS] = REGISTER(rflags),
	[EXCEPTION_MR_VECTOR] = REGISTER(vector),
	[EXCEPTION_MR_ERROR] = REGISTER(error),
};

#define TAG_OF(label, words) ((uint64_t)(label) << MSGTAG_LABEL_SHIFT | (words))

_Static_assert(
	TAG_FAULT_READ == TAG_OF(PROTOCOL_PAGEFAULT | FPAGE_R, PAGEFAULT_WORDS),
	"fault.S");
_Static_assert(TAG_FAULT_WRITE ==
		       TAG_OF(PROTOCOL_PAGEFAULT | FPAGE_W, PAGEFAULT_WORDS),
	"fault.S");
_Static_assert(TAG_FAULT_EXECUTE ==
		       TAG_OF(PROTOCOL_PAGEFAULT | FPAGE_X, PAGEFAULT_WORDS),
	"fault.S");
_Static_assert(TAG_EXCEPTION == TAG_OF(PROTOCOL_EXCEPTION, EXCEPTION_WORDS),
	"fault.S");

void exception_words(const struct tcb *s, uint64_t *to, uint64_t i)
{
	const uint64_t *frame = (const uint64_t *)frame_of(s);

	for (; i <= EXCEPTION_WORDS; i++)
		to[i] = frame[exception_register[i]];
	copy_words(to + FOREIGN_MR_FS_BASE, s->utcb + FOREIGN_MR_FS_BASE,
		FOREIGN_WORDS - EXCEPTION_WORDS);
}

static void compose(const struct tcb *s, uint64_t *to)
{
	copy_words(to, s->message, KERNEL_IPC_WORDS);
	if (s->kernel_ipc == KERNEL_IPC_EXCEPTION)
		exception_words(s, to, EXCEPTION_MR_RIP);
}

/* The user's part of the flags, and of a foreign thread its base addresses. */
static void write_registers(struct tcb *d, const uint64_t *w, unsigned untyped)
{
	uint64_t *frame = (uint64_t *)frame_of(d);
	bool foreign = (d->flags & THREAD_FOREIGN) != 0;
	uint64_t kept =
		foreign ? ~FOREIGN_RFLAGS : ~(uint64_t)RFLAGS_ARITHMETIC;
	uint64_t rflags = frame_of(d)->rflags;

	for (unsigned i = 1; i <= untyped && i <= EXCEPTION_MR_RFLAGS; i++)
		frame[exception_register[i]] = w[i];
	thread_set_ip(d, frame_of(d)->rip);
	frame_of(d)->rflags ^= (frame_of(d)->rflags ^ rflags) & kept;
	for (unsigned i = FOREIGN_MR_FS_BASE;
		foreign && i <= untyped && i <= FOREIGN_MR_GS_BASE; i++)
		d->utcb[i] = w[i] < user_end ? w[i] : 0;
}

/* The receiver's side of a start-up message or of the reply to a fault. */
static void kernel_receive(struct tcb *d, const uint64_t *w, unsigned untyped)
{
	if (d->kernel_ipc == KERNEL_IPC_EXCEPTION) {
		write_registers(d, w, untyped);
	} else if (d->kernel_ipc == KERNEL_IPC_START &&
		   untyped == START_WORDS) {
		thread_set_ip(d, w[1]);
		frame_of(d)->rsp = w[2];
	}
}

static fpage_t window_of(struct tcb *d)
{
	uint8_t kind = d->kernel_ipc;

	if (!(d->flags & THREAD_KERNEL_IPC))
		return acceptor_window(*thread_tcr(d, UTCB_BR0));
	if (kind == KERNEL_IPC_PAGE_FAULT ||
		(kind == KERNEL_IPC_EXCEPTION && (d->flags & THREAD_FOREIGN)))
		return FPAGE_COMPLETE;
	return FPAGE_NIL;
}

static bool transfer_map(struct tcb *s, struct tcb *d, const uint64_t *item)
{
	fpage_t window = window_of(d);

	if (fpage_is_nil(window))
		return false;
	/* sigma0 has all. */
	return d->space->is_sigma0 ||
	       map_transfer(
		       s->space, item[0], (fpage_t){item[1]}, d->space, window);
}

/* A sender with typed items is never the kernel: its words are in its UTCB. */
enum transfer_result ipc_transfer_items(struct tcb *s, struct tcb *d)
{
	struct string *x = &s->string;

	while (x->from.word <= x->last) {
		const uint64_t *item = s->utcb + x->from.word;
		enum transfer_result result;

		if (x->from.word + item_words(*item) - 1 > x->last)
			return TRANSFER_OVERFLOW;
		if (item_is_string(*item)) {
			result = string_copy(s, d);
			if (result != TRANSFER_DONE)
				return result;
			continue;
		}
		switch (item_type(*item)) {
		case ITEM_MAP:
		case ITEM_GRANT:
			if (!transfer_map(s, d, item))
				return TRANSFER_OVERFLOW;
			break;
		case ITEM_THREAD: /* its two words have been copied */
			break;
		default:
			return TRANSFER_OVERFLOW;
		}
		x->from.word += 2;
	}
	return TRANSFER_DONE;
}

const uint64_t *message_of(const struct tcb *t)
{
	copy_words(t->utcb, frame_of(t)->mr, FRAME_MRS);
	return t->utcb;
}

void message_give(struct tcb *t, const uint64_t *w, unsigned last)
{
	copy_words(t->utcb, w, last + 1);
	copy_words(frame_of(t)->mr, t->utcb, FRAME_MRS);
}

/* From whom: local if in the same space, but an interrupt has no UTCB. */
static uint64_t name_of(struct tcb *s, struct tcb *d)
{
	if (s->virtual_sender) {
		struct tcb *v = thread_find(s->virtual_sender);

		if (v)
			s = v;
	}
	if (s->space != d->space || !s->local_id)
		return s->id;
	d->local_partner = s;
	return s->local_id;
}

/* The receiver's tag, sender and error. */
void ipc_deliver(struct tcb *s, struct tcb *d, uint64_t tag, uint64_t error)
{
	uint64_t head = tag & ~MSGTAG_FLAGS;

	if (d->flags & THREAD_KERNEL_IPC)
		return;
	if (s->virtual_sender) {
		head |= MSGTAG_PROPAGATED;
		*thread_tcr(d, UTCB_VIRTUAL_SENDER) = s->id;
	}
	if (s->intended) {
		head |= MSGTAG_REDIRECTED;
		*thread_tcr(d, UTCB_INTENDED_RECEIVER) = s->intended;
	}
	if (error) {
		head |= MSGTAG_ERROR;
		*thread_tcr(d, UTCB_ERROR_CODE) = error;
	}
	frame_of(d)->mr[0] = head;
	frame_of(d)->rsi = name_of(s, d);
}

uint64_t ipc_transfer(struct tcb *s, struct tcb *d)
{
	uint64_t composed[FOREIGN_WORDS + 1];
	const uint64_t *w = composed;
	enum transfer_result result = TRANSFER_DONE;
	unsigned untyped, last;
	uint64_t error = 0, bytes = 0;
	msgtag_t tag;

	if (s->flags & (THREAD_KERNEL_IPC | THREAD_INTERRUPT))
		compose(s, composed);
	else
		w = message_of(s);
	tag.raw = w[0];
	untyped = msgtag_untyped(tag);
	last = untyped + msgtag_typed(tag);
	if (last >= UTCB_MR_COUNT) {
		result = TRANSFER_OVERFLOW;
		last = untyped;
	}
	if (d->flags & THREAD_KERNEL_IPC)
		kernel_receive(d, w, untyped);
	else
		message_give(d, w, last);
	if (last > untyped) {
		string_begin(s, d, untyped + 1, last);
		result = ipc_transfer_items(s, d);
		bytes = s->string.bytes;
	}
	if (result == TRANSFER_OVERFLOW)
		error = ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, bytes);
	ipc_deliver(s, d, tag.raw, error);
	if (result > TRANSFER_OVERFLOW) {
		string_suspend(s, d);
		return IPC_PENDING;
	}
	return error & ~(uint64_t)IPC_RECEIVE;
}
