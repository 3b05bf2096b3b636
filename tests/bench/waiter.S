/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that answers the messages of one other with an empty one and waits
 * for the next as long as MR1 said.
 *
 * It needs no memory of its own, so that there can be many: what is on the
 * stack is the same in all of them.
 */
#include "servers/lib/libl4/links.h"

	.text
	.globl	waiter
	.type	waiter, @function
waiter:
	xorl	%esi, %esi
	xorl	%r8d, %r8d		/* for ever */
1:	movq	waiter_partner(%rip), %rdx
	xorl	%r9d, %r9d
	call	*l4_links + LINK_IPC(%rip)
	movq	%rax, %r8
	movq	waiter_partner(%rip), %rsi
	jmp	1b
	.size	waiter, . - waiter

	.section .note.GNU-stack, "", @progbits
