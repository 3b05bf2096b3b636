/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked before what fuzzers execute: that lies in pages of its own, up to
 * code_end.S, and constants begin in a page of their own too.
 */
	.text
	.balign	4096
	.globl	fuzz_code_begin
fuzz_code_begin:

	.section .rodata
	.balign	4096

	.section .note.GNU-stack, "", @progbits
