/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/syscall.h"

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/foreign.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/sched.h"

enum l4_error sys_unmap(struct tcb *self)
{
	uint64_t control = frame_of(self)->rdx;
	unsigned last = control & UNMAP_COUNT_MASK;

	for (unsigned i = 0; i <= last; i++) {
		uint64_t *mr =
			i < FRAME_MRS ? &frame_of(self)->mr[i] : &self->utcb[i];
		fpage_t fpage = {*mr};
		uint64_t status = map_unmap(
			self->space, fpage, (control & UNMAP_FLUSH) != 0);

		*mr = fpage_with_rights(fpage, status).raw;
	}
	return L4_OK;
}

/*
 * ProcessorControl and MemoryControl.  One processor of one speed, and the
 * host decides on memory attributes: all requests are refused.
 */
enum l4_error sys_refuse(struct tcb *self)
{
	return self->space->privileged ? L4_INVALID_PARAMETER : L4_NO_PRIVILEGE;
}

static void report(struct tcb *self, enum l4_error error)
{
	struct trapframe *frame = frame_of(self);

	if ((uint32_t)frame->rbp == SYSCALL_MEMORY_CONTROL) /* %rax is MR1 */
		frame->rdx = 0;
	else
		frame->rax = 0;
	*thread_tcr(self, UTCB_ERROR_CODE) = error;
}

/* Numbers that are none are ignored. */
struct tcb *syscall_dispatch(struct tcb *self, uint64_t number)
{
	sys_function *function;
	enum l4_error error;
	uint64_t place;

	if (self->flags & THREAD_FOREIGN)
		return foreign_syscall(self);
	if (number <= SYSCALL_LIPC) /* and Ipc */
		return ipc_syscall(self);
	if (number >= SYSCALL_NR)
		return self;
	place = syscall_table[number];
	function = (sys_function *)((uint64_t)syscall_table + place);
	error = function(self);
	self = current; /* still, and not saved meanwhile */
	if (error == SYSCALL_GOES_ON)
		return self;
	if (error)
		report(self, error);
	return dispatch();
}
