/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linked behind what fuzzers execute: see code_begin.S. */
	.text
	.balign	4096
	.globl	fuzz_code_end
fuzz_code_end:

	.section .note.GNU-stack, "", @progbits
