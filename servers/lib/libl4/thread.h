/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads and spaces: ThreadControl, SpaceControl, ExchangeRegisters.
 *
 * The first two are for threads of sigma0's and the root task's space.  All
 * return 0 (or the nil thread) on failure; L4_ErrorCode() says why (error.h).
 *
 * Source: L4 X.2 Reference Manual, "ThreadControl", "SpaceControl",
 * "ExchangeRegisters".
 */
#ifndef SERVERS_LIB_LIBL4_THREAD_H
#define SERVERS_LIB_LIBL4_THREAD_H

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libl4/syscall.h"
#include "servers/lib/libl4/utcb.h"

/**
 * L4_ThreadControl - create, change or (with @space nil) delete a thread.
 * @utcb_location: lowest address of its UTCB, or UTCB_LOCATION_NONE
 *
 * With a @pager the thread becomes active: it waits for a message of two
 * words, IP and SP, from the pager.
 */
static inline L4_Word_t L4_ThreadControl(L4_ThreadId_t dest,
	L4_ThreadId_t space, L4_ThreadId_t scheduler, L4_ThreadId_t pager,
	L4_Word_t utcb_location)
{
	return l4_sys_thread_control(
		dest.raw, space.raw, scheduler.raw, pager.raw, utcb_location);
}

/** L4_SpaceControl - lay out the space of thread @space. */
static inline L4_Word_t L4_SpaceControl(L4_ThreadId_t space, L4_Word_t control,
	fpage_t kip_area, fpage_t utcb_area, L4_ThreadId_t redirector,
	L4_Word_t *old_control)
{
	return l4_sys_space_control(space.raw, control, kip_area.raw,
		utcb_area.raw, redirector.raw, old_control);
}

/**
 * L4_ExchangeRegisters - read and change a thread's registers.
 * @regs: IN thread, control (EXREGS_*) and new values; OUT old values
 *
 * Returns the thread's other id (local for global and the reverse), or nil.
 */
static inline L4_ThreadId_t L4_ExchangeRegisters(struct l4_exregs *regs)
{
	l4_sys_exchange_registers(regs);
	return (L4_ThreadId_t){regs->thread};
}

/** L4_GlobalIdOf - the global id of @id, which is of the caller's space. */
static inline L4_ThreadId_t L4_GlobalIdOf(L4_ThreadId_t id)
{
	struct l4_exregs regs = {.thread = id.raw};

	return thread_id_is_local(id) ? L4_ExchangeRegisters(&regs) : id;
}

/** L4_LocalIdOf - the local id of @id, which is of the caller's space. */
static inline L4_ThreadId_t L4_LocalIdOf(L4_ThreadId_t id)
{
	struct l4_exregs regs = {.thread = id.raw};

	return thread_id_is_local(id) ? id : L4_ExchangeRegisters(&regs);
}

/**
 * L4_Start_SpIp - let a thread run at @ip with stack @sp.
 *
 * Ends any Ipc that it is in; the wait for its start message is one.
 */
static inline L4_ThreadId_t L4_Start_SpIp(
	L4_ThreadId_t id, L4_Word_t sp, L4_Word_t ip)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_HALT | EXREGS_SET_SP | EXREGS_SET_IP |
			   EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
		.sp = sp,
		.ip = ip,
	};

	return L4_ExchangeRegisters(&regs);
}

/** L4_Stop - halt a thread; an Ipc that it is in goes on. */
static inline L4_ThreadId_t L4_Stop(L4_ThreadId_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_HALT | EXREGS_HALTED,
	};

	return L4_ExchangeRegisters(&regs);
}

/** L4_Start - let a halted thread run on. */
static inline L4_ThreadId_t L4_Start(L4_ThreadId_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_HALT,
	};

	return L4_ExchangeRegisters(&regs);
}

/** L4_AbortIpc - end the Ipc that a thread is in: error "cancelled". */
static inline L4_ThreadId_t L4_AbortIpc(L4_ThreadId_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
	};

	return L4_ExchangeRegisters(&regs);
}

/** L4_AssociateInterrupt - @handler gets interrupt @irq as messages. */
static inline L4_Word_t L4_AssociateInterrupt(
	L4_ThreadId_t irq, L4_ThreadId_t handler)
{
	return L4_ThreadControl(
		irq, irq, THREAD_NIL, handler, UTCB_LOCATION_NONE);
}

/** L4_DeassociateInterrupt - nobody gets interrupt @irq. */
static inline L4_Word_t L4_DeassociateInterrupt(L4_ThreadId_t irq)
{
	return L4_ThreadControl(irq, irq, THREAD_NIL, irq, UTCB_LOCATION_NONE);
}

#endif
