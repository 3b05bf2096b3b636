/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stamping the time: nothing but the store stands between reading the counter
 * and what is measured, the same everywhere.
 */
	.macro	STAMP
	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, stamp(%rip)
	.endm

	.macro	FUNCTION name
	.globl	\name
	.type	\name, @function
\name:
	.endm

	.text

	FUNCTION stamp_touch
	STAMP
	movb	(%rdi), %al
	ret
	.size	stamp_touch, . - stamp_touch

	FUNCTION stamp_raise
	xorl	%ecx, %ecx
	STAMP
	divl	%ecx
	ret
	.size	stamp_raise, . - stamp_raise

	FUNCTION stamp_ipc
	movl	$0, %ebp
	STAMP
	ret
	.size	stamp_ipc, . - stamp_ipc

	.bss
	.balign	8
	.globl	stamp
	.type	stamp, @object
stamp:
	.skip	8
	.size	stamp, 8

	.section .note.GNU-stack, "", @progbits
