/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of sigma0 and root task: the stub kernel does not run them. */
	.globl	_start
_start:
	jmp	_start

	.section .note.GNU-stack, "", @progbits
