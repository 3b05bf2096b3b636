/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls: numbers, and the bits of their control words.
 *
 * Owner: guest kernel.  Users: the kernel's stubs, every server.
 * Source: L4 X.2 Reference Manual, the chapter of each system call.
 *
 * Programs call the stubs whose addresses the KIP gives; a stub puts its
 * number into %rbp and executes SYSCALL.  %rbp is no input of any call and
 * every caller saves it.  SystemClock has no number: its stub needs no kernel.
 *
 *   call               in                                  out
 *   Ipc, Lipc          rsi to, rdx from, r8 timeouts,       rsi from,
 *                      rdi UTCB, r9 rax rbx r10 r12 r13     same MRs; rdi
 *                      r14 r15 = MR0..MR7                   is kept
 *   Unmap              rdx control, rdi UTCB, MRs as Ipc    MRs; rdi kept
 *   ExchangeRegisters  rax dest, rsi control, rdx SP,       the same: result,
 *                      r8 IP, r9 FLAGS, r10 handle,         old values
 *                      rdi pager
 *   ThreadControl      rdi dest, r8 space, rdx scheduler,   rax result
 *                      rsi pager, r9 UTCB location
 *   SystemClock        -                                    rax us
 *   ThreadSwitch       rdi dest                             -
 *   Schedule           rdi dest, rdx time, r8 processor,    rax result,
 *                      rsi priority, r9 preemption          rdx old time
 *   SpaceControl       rdi space, rsi control, rdx KIP      rax result,
 *                      area, r8 UTCB area, r9 redirector    rdx old control
 *   ProcessorControl   rdi rsi rdx r8                       rax result
 *   MemoryControl      rdx control, rdi UTCB, MRs as Ipc,   rdx result
 *                      rcx rsi r8 r11 attributes
 */
#ifndef GUESTKERNEL_ABI_SYSCALL_H
#define GUESTKERNEL_ABI_SYSCALL_H

#define SYSCALL_IPC 0
#define SYSCALL_LIPC 1
#define SYSCALL_EXCHANGE_REGISTERS 2
#define SYSCALL_THREAD_SWITCH 3
#define SYSCALL_UNMAP 4
#define SYSCALL_SCHEDULE 5
#define SYSCALL_THREAD_CONTROL 6
#define SYSCALL_SPACE_CONTROL 7
#define SYSCALL_PROCESSOR_CONTROL 8
#define SYSCALL_MEMORY_CONTROL 9
#define SYSCALL_NR 10

/* ExchangeRegisters, control in. */
#define EXREGS_HALTED 0x001 /* the value that EXREGS_SET_HALT sets */
#define EXREGS_CANCEL_RECEIVE 0x002
#define EXREGS_CANCEL_SEND 0x004
#define EXREGS_SET_SP 0x008
#define EXREGS_SET_IP 0x010
#define EXREGS_SET_FLAGS 0x020
#define EXREGS_SET_HANDLE 0x040
#define EXREGS_SET_PAGER 0x080
#define EXREGS_SET_HALT 0x100
#define EXREGS_DELIVER 0x200 /* old values are always delivered */

/* ExchangeRegisters, control out: the state before the call. */
#define EXREGS_WAS_HALTED 0x1
#define EXREGS_WAS_RECEIVING 0x2
#define EXREGS_WAS_SENDING 0x4

/* ThreadControl: UtcbLocation "unchanged" or "none". */
#define UTCB_LOCATION_NONE 0xffffffffffffffff

/* Unmap: bits 0-5 are the index of the last fpage. */
#define UNMAP_FLUSH 0x40
#define UNMAP_COUNT_MASK 0x3f

/* Schedule: all ones is "no change". */
#define SCHEDULE_KEEP 0xffffffffffffffff

/* Schedule, result: what the thread was doing. */
#define SCHEDULE_ERROR 0
#define SCHEDULE_DEAD 1
#define SCHEDULE_INACTIVE 2
#define SCHEDULE_RUNNING 3
#define SCHEDULE_PENDING_SEND 4
#define SCHEDULE_SENDING 5
#define SCHEDULE_WAITING 6
#define SCHEDULE_RECEIVING 7

#define PRIORITY_MAX 255
#define PRIORITY_DEFAULT 100

/* Flags in UTCB word UTCB_FLAGS, byte 0. */
#define PREEMPT_SIGNAL 0x20
#define PREEMPT_DELAY 0x40
#define PREEMPT_PENDING 0x80

#endif
