/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux_program as it is in its file, in pages that can be mapped on. */
	.section .data
	.balign	4096
	.globl	linux_program
linux_program:
	.incbin	LINUX_PROGRAM
	.balign	4096

	.section .note.GNU-stack, "", @progbits
