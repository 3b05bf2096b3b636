/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/foreign.h"

#include "guestkernel/abi/foreign.h"
#include "guestkernel/fault.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trap.h"

#define INT 0xcd /* and the vector */
#define INT_BYTES 2
#define GP_ERROR_IDT 0x2 /* it is about a gate */

bool foreign_loaded;
bool foreign_any;

struct tcb *foreign_syscall(struct tcb *self)
{
	self->flags |= THREAD_IRET;
	frame_of(self)->vector = FOREIGN_VECTOR_SYSCALL;
	frame_of(self)->error = 0;
	self->utcb[FOREIGN_MR_ADDRESS] = 0;
	if (foreign_send(self))
		return current;
	fault_exception(self);
	return dispatch();
}

/*
 * All gates but that of INT3 are closed, so INT n is a #GP.  Its error code
 * would name the vector, but QEMU 7.2 multiplies it by 16 instead of 8.
 */
static void int_n(struct tcb *self)
{
	struct trapframe *frame = frame_of(self);
	uint64_t code = space_code(frame->rip);

	if ((uint8_t)code != INT)
		return;
	frame->vector = FOREIGN_VECTOR_INT | (uint8_t)(code >> 8);
	frame->error = 0;
	frame->rip += INT_BYTES;
}

void foreign_trap(struct tcb *self)
{
	struct trapframe *frame = frame_of(self);

	self->utcb[FOREIGN_MR_ADDRESS] =
		frame->vector == VECTOR_PF ? read_cr2() : 0;
	if (frame->vector == VECTOR_GP && (frame->error & GP_ERROR_IDT))
		int_n(self);
	fault_exception(self);
}

void foreign_load(const struct tcb *t)
{
	uint64_t fs = 0;
	uint64_t gs = GS_PAGE;

	foreign_loaded = (t->flags & THREAD_FOREIGN) != 0;
	if (foreign_loaded) {
		fs = t->utcb[FOREIGN_MR_FS_BASE];
		gs = t->utcb[FOREIGN_MR_GS_BASE];
	}
	gdt_load_user(fs, gs, !foreign_loaded);
}
