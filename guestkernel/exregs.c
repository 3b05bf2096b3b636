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

#define SET_ANY                                                        \
	(EXREGS_CANCEL_RECEIVE | EXREGS_CANCEL_SEND | EXREGS_SET_SP |  \
		EXREGS_SET_IP | EXREGS_SET_FLAGS | EXREGS_SET_HANDLE | \
		EXREGS_SET_PAGER | EXREGS_SET_HALT)

/* One's own space, and the threads that one pages; most often oneself. */
static bool may_control(const struct tcb *self, struct tcb *t)
{
	uint64_t id = *thread_tcr(t, UTCB_PAGER);
	const struct tcb *pager;

	if (t->space == self->space || id == self->id)
		return true;
	pager = thread_named(t, id);
	return pager && pager->space == self->space;
}

_Static_assert(THREAD_READY < THREAD_SENDING &&
		       THREAD_SENDING < THREAD_REMOTE &&
		       THREAD_REMOTE < THREAD_RECEIVING &&
		       THREAD_RECEIVING < THREAD_STRING_WAITS,
	"states by phase");

static uint64_t state_of(const struct tcb *t)
{
	uint64_t state = (t->flags & THREAD_HALTED) ? EXREGS_WAS_HALTED : 0;
	uint8_t does = t->state;

	if (t->flags & THREAD_STRING)
		does = (t->flags & THREAD_STRING_SENDER) ? THREAD_SENDING
							 : THREAD_RECEIVING;
	if (does >= THREAD_RECEIVING)
		state |= EXREGS_WAS_RECEIVING;
	else if (does >= THREAD_SENDING)
		state |= EXREGS_WAS_SENDING;
	return state;
}

/* What can be exchanged of a thread. */
struct values {
	uint64_t flags, sp, ip, pager, handle;
};

static inline struct values values_given(const struct trapframe *self)
{
	return (struct values){
		self->r9, self->rdx, self->r8, self->rdi, self->r10};
}

static inline void deliver(struct trapframe *self, struct tcb *t)
{
	self->r9 = frame_of(t)->rflags;
	self->rdx = frame_of(t)->rsp;
	self->r8 = frame_of(t)->rip;
	self->rdi = *thread_tcr(t, UTCB_PAGER);
	self->r10 = *thread_tcr(t, UTCB_USER_HANDLE);
}

/* Only arithmetic flags, and no address out of the user's half. */
static inline void set(struct tcb *t, struct values v, uint64_t control)
{
	struct trapframe *frame = frame_of(t);

	if (control & EXREGS_SET_FLAGS)
		frame->rflags ^= (frame->rflags ^ v.flags) & RFLAGS_ARITHMETIC;
	if (control & EXREGS_SET_SP)
		frame->rsp = v.sp;
	if (control & EXREGS_SET_IP)
		thread_set_ip(t, v.ip);
	if (control & EXREGS_SET_PAGER)
		*thread_tcr(t, UTCB_PAGER) = v.pager;
	if (control & EXREGS_SET_HANDLE)
		*thread_tcr(t, UTCB_USER_HANDLE) = v.handle;
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
	t->flags &= ~(uint32_t)THREAD_HALTED;
	if (halt)
		t->flags |= THREAD_HALTED;
	sched_remove(t);
	if (t->state == THREAD_READY)
		sched_wake(t);
}

enum l4_error sys_exchange_registers(struct tcb *self)
{
	struct trapframe *frame = frame_of(self);
	uint64_t control = frame->rsi;
	struct tcb *t = thread_named(self, frame->rax);
	struct values given;
	uint64_t state;

	if (!t || !t->utcb || !may_control(self, t))
		return L4_INVALID_THREAD;
	state = state_of(t);
	frame->rsi = state;
	frame->rax = t->id == frame->rax ? t->local_id : t->id;
	given = values_given(frame);
	deliver(frame, t);
	if (!(control & SET_ANY))
		return SYSCALL_GOES_ON;
	set(t, given, control);
	end_ipc(t, state, control);
	if (control & EXREGS_SET_HALT)
		set_halted(t, (control & EXREGS_HALTED) != 0);
	return L4_OK;
}
