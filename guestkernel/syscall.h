/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls other than Ipc: one function each, in exregs.c, control.c,
 * schedule.c and syscall.c.  Registers in and out: guestkernel/abi/syscall.h.
 */
#ifndef GUESTKERNEL_SYSCALL_H
#define GUESTKERNEL_SYSCALL_H

#include "guestkernel/thread.h"

/** syscall_dispatch - run system call @number; returns the thread to run. */
struct tcb *syscall_dispatch(struct tcb *self, uint32_t number);

/*
 * The system calls: results go into @self's frame.  An error is the caller's
 * result 0 in %rax and its ErrorCode.
 */
enum l4_error sys_exchange_registers(struct tcb *self);
enum l4_error sys_thread_control(struct tcb *self);
enum l4_error sys_space_control(struct tcb *self);
enum l4_error sys_schedule(struct tcb *self);
enum l4_error sys_thread_switch(struct tcb *self);

/** schedule_state - what @t does: SCHEDULE_* of guestkernel/abi/syscall.h. */
uint64_t schedule_state(const struct tcb *t);

#endif
