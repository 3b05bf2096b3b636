/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for the kernel's stub of Ipc: as many instructions, and no system
 * call.
 */
	.text
	.globl	no_ipc
	.type	no_ipc, @function
no_ipc:
	movl	$0, %ebp
	nop
	ret
	.size	no_ipc, . - no_ipc

	.section .note.GNU-stack, "", @progbits
