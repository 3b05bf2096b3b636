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
	const struct tcb *pager = t;

	if (t->space != self->space)
		pager = thread_named(t, *thread_tcr(t, UTCB_PAGER));
	return pager && pager->space == self->space;
}

_Static_assert(SCHEDULE_RUNNING < SCHEDULE_PENDING_SEND &&
		       SCHEDULE_SENDING < SCHEDULE_WAITING &&
		       SCHEDULE_WAITING < SCHEDULE_RECEIVING,
	"states by phase");

static uint64_t state_of(const struct tcb *t)
{
	uint64_t state = (t->flags & THREAD_HALTED) ? EXREGS_WAS_HALTED : 0;
	uint64_t does = schedule_state(t);

	if (does >= SCHEDULE_WAITING)
		state |= EXREGS_WAS_RECEIVING;
	else if (does >= SCHEDULE_PENDING_SEND)
		state |= EXREGS_WAS_SENDING;
	return state;
}

/* Give @reg's value to @place if it is @wanted, and the old one to @reg. */
static __attribute__((noinline)) void exchange(
	uint64_t *place, uint64_t *reg, uint64_t wanted)
{
	uint64_t old = *place;

	if (wanted)
		*place = *reg;
	*reg = old;
}

/* Only arithmetic flags, and no address out of the user's half. */
static void exchange_registers(
	struct tcb *t, struct trapframe *self, uint64_t control)
{
	struct trapframe *frame = frame_of(t);

	if (self->r8 > USER_END)
		self->r8 = USER_END;
	self->r9 ^= (self->r9 ^ frame->rflags) & ~(uint64_t)RFLAGS_ARITHMETIC;
	exchange(&frame->rflags, &self->r9, control & EXREGS_SET_FLAGS);
	exchange(&frame->rsp, &self->rdx, control & EXREGS_SET_SP);
	exchange(&frame->rip, &self->r8, control & EXREGS_SET_IP);
	exchange(thread_tcr(t, UTCB_PAGER), &self->rdi,
		control & EXREGS_SET_PAGER);
	exchange(thread_tcr(t, UTCB_USER_HANDLE), &self->r10,
		control & EXREGS_SET_HANDLE);
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
	uint64_t state;

	if (!t || !t->utcb || !may_control(self, t))
		return L4_INVALID_THREAD;
	state = state_of(t);
	frame->rsi = state;
	frame->rax = t->id == frame->rax ? t->local_id : t->id;
	exchange_registers(t, frame, control);
	end_ipc(t, state, control);
	if (control & EXREGS_SET_HALT)
		set_halted(t, (control & EXREGS_HALTED) != 0);
	return L4_OK;
}
