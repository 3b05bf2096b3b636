/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls as C functions: registers in, registers out, nothing else.
 * Programs use the X.2 names in ipc.h, thread.h, space.h and schedule.h.
 *
 * Source: guestkernel/abi/syscall.h has the registers of each call.
 */
#ifndef SERVERS_LIB_LIBL4_SYSCALL_H
#define SERVERS_LIB_LIBL4_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/kip.h"
#include "servers/lib/libl4/links.h"

/* ExchangeRegisters: each field in and out. */
struct l4_exregs {
	uint64_t thread; /* IN dest; OUT its other id, or 0 */
	uint64_t control;
	uint64_t sp;
	uint64_t ip;
	uint64_t flags;
	uint64_t handle;
	uint64_t pager;
};

_Static_assert(offsetof(struct l4_exregs, pager) == 48, "syscall.S");
_Static_assert(sizeof(struct l4_exregs) == 56, "syscall.S");

/**
 * l4_init - copy the system-call links out of the KIP.
 *
 * Called once, before any other function of libl4.
 */
void l4_init(void);

/** l4_kip - the kernel interface page, as KernelInterface names it. */
const struct kip *l4_kip(void);

/** l4_sys_ipc - returns MR0; *@sender is defined if a message came in. */
uint64_t l4_sys_ipc(
	uint64_t to, uint64_t from, uint64_t timeouts, uint64_t *sender);

/** l4_sys_unmap - fpages in MR0 .. MRk, status returned there. */
void l4_sys_unmap(uint64_t control);

void l4_sys_exchange_registers(struct l4_exregs *regs);

uint64_t l4_sys_thread_control(uint64_t dest, uint64_t space,
	uint64_t scheduler, uint64_t pager, uint64_t utcb_location);

uint64_t l4_sys_space_control(uint64_t space, uint64_t control,
	uint64_t kip_area, uint64_t utcb_area, uint64_t redirector,
	uint64_t *old_control);

uint64_t l4_sys_schedule(uint64_t dest, uint64_t time, uint64_t processor,
	uint64_t priority, uint64_t preemption, uint64_t *old_time);

void l4_sys_thread_switch(uint64_t dest);

uint64_t l4_sys_system_clock(void);

#endif
