/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls: C's argument registers to the kernel's and back.
 *
 * A system call may destroy every register but %rsp (guestkernel/abi/
 * syscall.h), so each function saves what C expects to survive.
 */
#include "servers/lib/libl4/links.h"

	.macro	SAVE
	.irp	reg, rbx, rbp, r12, r13, r14, r15
	pushq	%\reg
	.endr
	.endm

	.macro	RESTORE
	.irp	reg, r15, r14, r13, r12, rbp, rbx
	popq	%\reg
	.endr
	.endm

	/* MR0-MR7 travel in registers; %rdi is the UTCB pointer. */
	.macro	LOAD_MRS
	movq	%gs:0, %rdi
	movq	0(%rdi), %r9
	movq	8(%rdi), %rax
	movq	16(%rdi), %rbx
	movq	24(%rdi), %r10
	movq	32(%rdi), %r12
	movq	40(%rdi), %r13
	movq	48(%rdi), %r14
	movq	56(%rdi), %r15
	.endm

	.macro	STORE_MRS
	movq	%r9, 0(%rdi)
	movq	%rax, 8(%rdi)
	movq	%rbx, 16(%rdi)
	movq	%r10, 24(%rdi)
	movq	%r12, 32(%rdi)
	movq	%r13, 40(%rdi)
	movq	%r14, 48(%rdi)
	movq	%r15, 56(%rdi)
	.endm

	.macro	FUNCTION name
	.globl	\name
	.type	\name, @function
\name:
	.endm

	.text

	/* (to, from, timeouts, &sender) -> MR0 */
	FUNCTION l4_sys_ipc
	SAVE
	pushq	%rcx
	movq	%rdx, %r8
	movq	%rsi, %rdx
	movq	%rdi, %rsi
	LOAD_MRS
	call	*l4_links + LINK_IPC(%rip)
	STORE_MRS
	popq	%rcx
	movq	%rsi, (%rcx)
	movq	%r9, %rax
	RESTORE
	ret
	.size	l4_sys_ipc, . - l4_sys_ipc

	/* (control) */
	FUNCTION l4_sys_unmap
	SAVE
	movq	%rdi, %rdx
	LOAD_MRS
	call	*l4_links + LINK_UNMAP(%rip)
	STORE_MRS
	RESTORE
	ret
	.size	l4_sys_unmap, . - l4_sys_unmap

	/* (struct l4_exregs *) */
	FUNCTION l4_sys_exchange_registers
	SAVE
	pushq	%rdi
	movq	%rdi, %rbx
	movq	0(%rbx), %rax
	movq	8(%rbx), %rsi
	movq	16(%rbx), %rdx
	movq	24(%rbx), %r8
	movq	32(%rbx), %r9
	movq	40(%rbx), %r10
	movq	48(%rbx), %rdi
	call	*l4_links + LINK_EXCHANGE_REGISTERS(%rip)
	popq	%rbx
	movq	%rax, 0(%rbx)
	movq	%rsi, 8(%rbx)
	movq	%rdx, 16(%rbx)
	movq	%r8, 24(%rbx)
	movq	%r9, 32(%rbx)
	movq	%r10, 40(%rbx)
	movq	%rdi, 48(%rbx)
	RESTORE
	ret
	.size	l4_sys_exchange_registers, . - l4_sys_exchange_registers

	/* (dest, space, scheduler, pager, utcb_location) -> result */
	FUNCTION l4_sys_thread_control
	SAVE
	movq	%r8, %r9
	movq	%rsi, %r8
	movq	%rcx, %rsi
	call	*l4_links + LINK_THREAD_CONTROL(%rip)
	RESTORE
	ret
	.size	l4_sys_thread_control, . - l4_sys_thread_control

	/* (space, control, kip_area, utcb_area, redirector, &old) -> result */
	FUNCTION l4_sys_space_control
	SAVE
	pushq	%r9
	movq	%r8, %r9
	movq	%rcx, %r8
	call	*l4_links + LINK_SPACE_CONTROL(%rip)
	popq	%rcx
	movq	%rdx, (%rcx)
	RESTORE
	ret
	.size	l4_sys_space_control, . - l4_sys_space_control

	/* (dest, time, processor, priority, preemption, &old) -> result */
	FUNCTION l4_sys_schedule
	SAVE
	pushq	%r9
	movq	%r8, %r9
	movq	%rdx, %r8
	movq	%rsi, %rdx
	movq	%rcx, %rsi
	call	*l4_links + LINK_SCHEDULE(%rip)
	popq	%rcx
	movq	%rdx, (%rcx)
	RESTORE
	ret
	.size	l4_sys_schedule, . - l4_sys_schedule

	/* (dest) */
	FUNCTION l4_sys_thread_switch
	SAVE
	call	*l4_links + LINK_THREAD_SWITCH(%rip)
	RESTORE
	ret
	.size	l4_sys_thread_switch, . - l4_sys_thread_switch

	/* () -> microseconds */
	FUNCTION l4_sys_system_clock
	SAVE
	call	*l4_links + LINK_SYSTEM_CLOCK(%rip)
	RESTORE
	ret
	.size	l4_sys_system_clock, . - l4_sys_system_clock

	.section .note.GNU-stack, "", @progbits
