/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/syscall.h"

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/clock.h"
#include "guestkernel/foreign.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/sched.h"

void syscall_fail(struct tcb *self, enum l4_error error)
{
	frame_of(self)->rax = 0;
	*thread_tcr(self, UTCB_ERROR_CODE) = error;
}

static struct tcb *sys_unmap(struct tcb *self)
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
	return dispatch();
}

/* The stub reads the clock itself; this serves callers by number. */
static struct tcb *sys_system_clock(struct tcb *self)
{
	frame_of(self)->rax = clock_system_us();
	return self;
}

/*
 * One processor of one speed, and the host decides on memory attributes: all
 * requests are refused.
 */
static struct tcb *refuse(struct tcb *self, uint64_t *result)
{
	*result = 0;
	*thread_tcr(self, UTCB_ERROR_CODE) = self->space->privileged
						     ? L4_INVALID_PARAMETER
						     : L4_NO_PRIVILEGE;
	return self;
}

static struct tcb *sys_processor_control(struct tcb *self)
{
	return refuse(self, &frame_of(self)->rax);
}

static struct tcb *sys_memory_control(struct tcb *self)
{
	return refuse(self, &frame_of(self)->rdx);
}

static struct tcb *(*const table[SYSCALL_NR])(struct tcb *) = {
	[SYSCALL_LIPC] = ipc_syscall,
	[SYSCALL_EXCHANGE_REGISTERS] = sys_exchange_registers,
	[SYSCALL_THREAD_SWITCH] = sys_thread_switch,
	[SYSCALL_UNMAP] = sys_unmap,
	[SYSCALL_SCHEDULE] = sys_schedule,
	[SYSCALL_SYSTEM_CLOCK] = sys_system_clock,
	[SYSCALL_THREAD_CONTROL] = sys_thread_control,
	[SYSCALL_SPACE_CONTROL] = sys_space_control,
	[SYSCALL_PROCESSOR_CONTROL] = sys_processor_control,
	[SYSCALL_MEMORY_CONTROL] = sys_memory_control,
};

/* Ipc does not come here; numbers that are none are ignored. */
struct tcb *syscall_dispatch(struct tcb *self, uint32_t number)
{
	if (self->flags & THREAD_FOREIGN)
		return foreign_syscall(self);
	if (number >= SYSCALL_NR || !table[number])
		return self;
	return table[number](self);
}
