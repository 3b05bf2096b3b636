/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First instructions of every program: a stack, then start() in C.
 * Nothing is passed in registers; the stack is the program's own.
 */
#define STACK_SIZE 16384

	.text
	.globl	_start
	.type	_start, @function
_start:
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	start			/* does not return */
	ud2
	.size	_start, . - _start

	.bss
	.balign	4096
stack:
	.skip	STACK_SIZE
stack_top:

	.section .note.GNU-stack, "", @progbits
