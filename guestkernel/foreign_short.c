/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short way from a foreign thread to its pager and back: the pager waits,
 * the reply has registers only.  Everything else, and any doubt, goes the long
 * way (fault.c, ipc.c), which gives the same result.
 */
#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/ipc.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/time.h"
#include "guestkernel/foreign.h"
#include "guestkernel/ipc.h"
#include "guestkernel/ready.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"

#define NOT_SHORT (MSGTAG_COUNT_MASK << MSGTAG_TYPED_SHIFT | MSGTAG_PROPAGATED)
/* Of a foreign thread that waits for the answer to an exception. */
#define WAITS_FOR_ANSWER (THREAD_FOREIGN | THREAD_KERNEL_IPC | THREAD_IRET)

/* RBX to R15 are the same registers as their MRs: so many. */
#define SAME 6

_Static_assert(offsetof(struct trapframe, rbx) ==
		       offsetof(struct trapframe, mr[EXCEPTION_MR_RBX]),
	"");
_Static_assert(offsetof(struct trapframe, r15) ==
		       offsetof(struct trapframe, mr[EXCEPTION_MR_R15]),
	"");
_Static_assert(EXCEPTION_MR_R15 - EXCEPTION_MR_RBX + 1 == SAME, "");

/* As in x86/ipc.S: nobody is above it, or it is an equal of @self. */
static inline bool is_next(const struct tcb *self, const struct tcb *t)
{
	return t->priority > ready_highest || t->priority == self->priority;
}

static inline void copy_frame(const struct tcb *s, struct tcb *d)
{
	const struct trapframe *from = frame_of(s);
	uint64_t *mr = frame_of(d)->mr;

	mr[0] = msgtag_make(PROTOCOL_EXCEPTION, FOREIGN_WORDS, 0).raw;
	mr[EXCEPTION_MR_RIP] = from->rip;
	copy_words(mr + EXCEPTION_MR_RBX, from->mr + EXCEPTION_MR_RBX, SAME);
	exception_words(s, d->utcb, EXCEPTION_MR_RAX);
}

bool foreign_send(struct tcb *self)
{
	struct tcb *d = thread_find(self->utcb[UTCB_PAGER]);

	if (!d || d->space == self->space ||
		((uint64_t)self->senders | d->flags |
			(self->flags & ~(uint32_t)(THREAD_FPU | THREAD_FOREIGN |
						   THREAD_IRET))) ||
		(d->waits_for != self->id && d->waits_for != WAITS_ANY) ||
		!is_next(self, d))
		return false;
	copy_frame(self, d);
	frame_of(d)->rsi = self->id;
	frame_of(d)->rdi = d->local_id;
	d->waits_for = WAITS_NOT;
	d->state = THREAD_READY;
	self->flags |= THREAD_KERNEL_IPC;
	self->kernel_ipc = KERNEL_IPC_EXCEPTION;
	self->waits_for = d->id;
	self->state = THREAD_RECEIVING;
	sched_resume(d);
	return true;
}

/* The registers of a short reply, MR1 .. MRn. */
static void set_registers(const struct tcb *self, struct tcb *d, unsigned n)
{
	const uint64_t *mr = frame_of(self)->mr;
	struct trapframe *to = frame_of(d);
	unsigned same = n > SAME ? SAME : n - EXCEPTION_MR_RIP;

	if (n < EXCEPTION_MR_RIP)
		return;
	thread_set_ip(d, mr[EXCEPTION_MR_RIP]);
	copy_words(to->mr + EXCEPTION_MR_RBX, mr + EXCEPTION_MR_RBX, same);
	if (n == EXCEPTION_MR_RAX)
		to->rax = self->utcb[EXCEPTION_MR_RAX];
}

bool foreign_answer(struct tcb *self)
{
	const struct trapframe *in = frame_of(self);
	unsigned n = msgtag_untyped((msgtag_t){in->mr[0]});
	struct tcb *d = thread_find(in->rsi);

	if (!d || n > EXCEPTION_MR_RAX ||
		((d->waits_for ^ self->id) | (d->flags ^ WAITS_FOR_ANSWER) |
			(d->state ^ THREAD_RECEIVING) |
			(d->kernel_ipc ^ KERNEL_IPC_EXCEPTION) |
			(uint64_t)self->senders |
			(self->flags & ~(uint32_t)THREAD_FPU) |
			(in->mr[0] & NOT_SHORT) |
			TIMEOUTS_RECEIVE(in->r8).raw) ||
		(in->rdx != d->id && in->rdx != WAITS_ANY) || !is_next(self, d))
		return false;
	set_registers(self, d, n);
	d->flags &= ~(uint32_t)THREAD_KERNEL_IPC;
	d->waits_for = WAITS_NOT;
	d->state = THREAD_READY;
	self->waits_for = in->rdx;
	self->state = THREAD_RECEIVING;
	sched_resume(d);
	return true;
}
