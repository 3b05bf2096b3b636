/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/event_stamp.h"

	.text
	.globl	event_wait
	.type	event_wait, @function
event_wait:
	.irp	reg, rbx, rbp, r12, r13, r14, r15
	pushq	%\reg
	.endr
	movq	%rdi, %rsi
	movq	%rdi, %rdx
	xorl	%r8d, %r8d		/* no timeouts */
	xorl	%r9d, %r9d		/* an empty message */
	movq	%gs:0, %rdi
	xorl	%ebp, %ebp		/* SYSCALL_IPC */
	syscall
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	.irp	reg, r15, r14, r13, r12, rbp, rbx
	popq	%\reg
	.endr
	ret
	.size	event_wait, . - event_wait

	.globl	event_empty
	.type	event_empty, @function
event_empty:
	STAMP_AND_GO event_time(%rip), 1f
1:	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	event_time(%rip), %rax
	ret
	.size	event_empty, . - event_empty

	.bss
	.balign	8
event_time:
	.skip	8

	.section .note.GNU-stack, "", @progbits
