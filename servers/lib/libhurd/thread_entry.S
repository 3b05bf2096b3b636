/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First instructions of a thread: its function and argument are on its stack,
 * which is 16-byte aligned behind them.
 */
	.text
	.globl	thread_entry
	.type	thread_entry, @function
thread_entry:
	popq	%rdi
	popq	%rsi
	xorl	%ebp, %ebp
	call	thread_main		/* does not return */
	ud2
	.size	thread_entry, . - thread_entry

	.section .note.GNU-stack, "", @progbits
