/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/trap.h"

#include "guestkernel/fault.h"
#include "guestkernel/foreign.h"
#include "guestkernel/kdb.h"
#include "guestkernel/notice.h"
#include "guestkernel/panic.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"
#include "vmm/abi/control.h"

#define KERNEL_INTERFACE_BYTES 2 /* lock; nop */

static bool is_kernel_interface(const struct tcb *self)
{
	return (uint16_t)space_code(frame_of(self)->rip) == 0x90f0;
}

static void kernel_interface(struct tcb *self)
{
	frame_of(self)->rax = self->space->kip_base;
	frame_of(self)->rcx = KIP_API_VERSION;
	frame_of(self)->rdx = KIP_API_FLAGS;
	frame_of(self)->rsi = KIP_KERNEL_ID;
	frame_of(self)->rip += KERNEL_INTERFACE_BYTES;
}

/* Returns false if it is dealt with, and @self goes on. */
static bool fault(struct tcb *self)
{
	switch (frame_of(self)->vector) {
	case VECTOR_PF:
		/* Another thread may have loaded %gs: then this tries again. */
		if (gdt_repair_gs())
			return false;
		fault_page(self, read_cr2(), frame_of(self)->error);
		return true;
	case VECTOR_UD:
		if (!is_kernel_interface(self))
			break;
		kernel_interface(self);
		return false;
	case VECTOR_BP:
		if (!kdb_int3(self))
			break;
		return true;
	default:
		break;
	}
	fault_exception(self);
	return true;
}

/* The domain does not have what the instruction touched: the next try tells. */
static bool is_fault_of_host(const struct trapframe *frame)
{
	return frame->vector == VECTOR_PF && (frame->error & FAULT_OF_HOST);
}

/*
 * Back to 64-bit mode with a thread that got into virtual 8086 mode, which an
 * emulated processor may let it do.  Its segments and system flags were of its
 * own choice.
 */
static void leave_legacy_mode(struct trapframe *frame)
{
	frame->cs = SEL_UCODE;
	frame->ss = SEL_UDATA;
	frame->rflags = (frame->rflags & RFLAGS_ARITHMETIC) | RFLAGS_IF;
	(void)gdt_repair_gs();
}

struct tcb *trap_user(struct tcb *self)
{
	if (frame_of(self)->rflags & RFLAGS_VM)
		leave_legacy_mode(frame_of(self));
	self->flags |= THREAD_IRET;
	if (is_fault_of_host(frame_of(self))) {
		notice_take();
		return self;
	}
	switch (frame_of(self)->vector) {
	case EVENT_VECTOR:
		break;
	case VECTOR_NM:
		if (!self->has_fpu)
			fpu_init(self->fpu);
		self->has_fpu = true;
		fpu_use(self->fpu);
		set_bits(&self->flags, THREAD_FPU);
		return self;
	default:
		if (self->flags & THREAD_FOREIGN)
			foreign_trap(self);
		else if (!fault(self))
			return self;
	}
	return dispatch();
}

/* entry.S: the end of what may fault, and its way out. */
extern const char try_failed[];

void trap_kernel(struct trapframe *frame)
{
	uint64_t rip = frame->rip;

	if (frame->vector == VECTOR_PF && rip >= (uint64_t)try_copy &&
		rip < (uint64_t)try_failed) {
		frame->rip = (uint64_t)try_failed;
		return;
	}
	CONTROL->action.slot = (uint32_t)frame->vector;
	panic(STOP_TRAP, read_cr2(), rip);
}
