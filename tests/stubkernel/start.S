/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry of the stub kernel: a stack, then C.  The VMM has set up the rest.
 */
	.section .text.start, "ax"
	.globl	start
start:
	leaq	stack_end(%rip), %rsp
	call	stub_main
1:	jmp	1b

	.bss
	.balign	16
	.skip	16384
stack_end:
	.section .note.GNU-stack, "", @progbits
