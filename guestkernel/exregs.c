/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ExchangeRegisters: read and write the user-mode registers of a thread, end
 * its Ipc, halt and resume it.
 * Source: L4 X.2 Reference Manual, "ExchangeRegisters".
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/ipc.h"
#include "guestkernel/sched.h"
#include "guestkernel/syscall.h"
#include "guestkernel/x86/reg.h"

/* One's own space, and the threads that one pages. */
static bool may_control(const struct tcb *self, struct tcb *t)
{
	const struct tcb *pager;

	if (t->space == self->space)
		return true;
	pager = thread_find(thread_resolve(t, *thread_tcr(t, UTCB_PAGER)));
	return pager && pager->space == self->space;
}

static uint64_t state_of(const struct tcb *t)
{
	uint64_t state = (t->flags & THREAD_HALTED) ? EXREGS_WAS_HALTED : 0;

	if (t->flags & THREAD_STRING)
		state |= (t->flags & THREAD_STRING_SENDER)
				 ? EXREGS_WAS_SENDING
				 : EXREGS_WAS_RECEIVING;
	else if (t->state == THREAD_RECEIVING)
		state |= EXREGS_WAS_RECEIVING;
	else if (t->state == THREAD_SENDING || t->state == THREAD_REMOTE)
		state |= EXREGS_WAS_SENDING;
	return state;
}

static void set_registers(struct tcb *t, const struct trapframe *in)
{
	uint64_t control = in->rsi;

	if (control & EXREGS_SET_SP)
		frame_of(t)->rsp = in->rdx;
	if (control & EXREGS_SET_IP)
		thread_set_ip(t, in->r8);
	if (control & EXREGS_SET_FLAGS)
		frame_of(t)->rflags =
			(frame_of(t)->rflags & ~(uint64_t)RFLAGS_ARITHMETIC) |
			(in->r9 & RFLAGS_ARITHMETIC);
	if (control & EXREGS_SET_PAGER)
		*thread_tcr(t, UTCB_PAGER) = in->rdi;
	if (control & EXREGS_SET_HANDLE)
		*thread_tcr(t, UTCB_USER_HANDLE) = in->r10;
}

_Static_assert(EXREGS_WAS_RECEIVING == EXREGS_CANCEL_RECEIVE &&
		       EXREGS_WAS_SENDING == EXREGS_CANCEL_SEND,
	"what it was doing says what can be cancelled");

static void end_ipc(struct tcb *t, uint64_t state, uint64_t control)
{
	if (t->state == THREAD_REMOTE) /* the VMM knows which phase */
		state |= EXREGS_WAS_RECEIVING;
	if (state & control & (EXREGS_CANCEL_RECEIVE | EXREGS_CANCEL_SEND))
		ipc_cancel(t);
}

static void set_halted(struct tcb *t, bool halt)
{
	if (halt) {
		t->flags |= THREAD_HALTED;
		sched_remove(t);
	} else if (t->flags & THREAD_HALTED) {
		t->flags &= ~(uint32_t)THREAD_HALTED;
		if (t->state == THREAD_READY)
			sched_wake(t);
	}
}

enum l4_error sys_exchange_registers(struct tcb *self)
{
	const struct trapframe in = *frame_of(self);
	struct trapframe *out = frame_of(self);
	uint64_t id = thread_resolve(self, in.rax);
	struct tcb *t = thread_find(id);
	uint64_t state;

	if (!t || !t->utcb || !may_control(self, t))
		return L4_INVALID_THREAD;
	out->rax = id == in.rax ? t->local_id : t->id;
	state = state_of(t);
	out->rsi = state;
	out->rdx = frame_of(t)->rsp;
	out->r8 = frame_of(t)->rip;
	out->r9 = frame_of(t)->rflags;
	out->r10 = *thread_tcr(t, UTCB_USER_HANDLE);
	out->rdi = *thread_tcr(t, UTCB_PAGER);

	set_registers(t, &in);
	end_ipc(t, state, in.rsi);
	if (in.rsi & EXREGS_SET_HALT)
		set_halted(t, (in.rsi & EXREGS_HALTED) != 0);
	return L4_OK;
}
