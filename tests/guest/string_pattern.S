/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of string_server.h, in pages that nobody has touched yet. */
#include "tests/guest/string_server.h"

	.section .rodata
	.balign	4096
	.globl	string_pattern
string_pattern:
	.set	i, 0
	.rept	STRINGS_MAX
	.byte	(i * 7 + i / 256) & 255
	.set	i, i + 1
	.endr
	.balign	4096

	.section .note.GNU-stack, "", @progbits
