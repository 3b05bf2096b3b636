/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls other than Ipc: one function each, in exregs.c, control.c,
 * schedule.c and syscall.c.  Registers in and out: guestkernel/abi/syscall.h.
 */
#ifndef GUESTKERNEL_SYSCALL_H
#define GUESTKERNEL_SYSCALL_H

#include "guestkernel/thread.h"

/** syscall_dispatch - run system call @number; returns the thread to run. */
struct tcb *syscall_dispatch(struct tcb *self, uint64_t number);

/*
 * The system calls: results go into @self's frame.  An error is the caller's
 * result 0 in %rax and its ErrorCode.  With SYSCALL_GOES_ON nothing has changed
 * that a dispatch would have to look at, and there was no interrupt_window().
 */
#define SYSCALL_GOES_ON ((enum l4_error) - 1)

typedef enum l4_error sys_function(struct tcb *self);

sys_function sys_exchange_registers, sys_unmap, sys_schedule,
	sys_thread_control, sys_space_control, sys_refuse;

/**
 * sys_thread_switch - of a thread of no foreign space; from x86/ipc.S, with no
 * other registers saved: it may destroy them.  Returns the thread to run.
 */
struct tcb *sys_thread_switch(struct tcb *self, uint64_t dest);

/*
 * By number, from that of ExchangeRegisters on: how far behind this they
 * are; in stubs.S.
 */
extern const uint16_t syscall_table[];

/** schedule_state - what @t does: SCHEDULE_* of guestkernel/abi/syscall.h. */
uint64_t schedule_state(const struct tcb *t);

#endif
