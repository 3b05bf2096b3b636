/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that may not be there: a page fault, which the VMM injects for what
 * windows do not show, ends the access.  Returns 1, or 0 after a fault.
 */
	.text
	.globl	touch_read
touch_read:
	movb	(%rdi), %al
	jmp	1f
	.globl	touch_write
touch_write:
	movb	%al, (%rdi)
1:	movl	$1, %eax
	ret
missing:
	xorl	%eax, %eax
	ret

	.globl	touch_fault
touch_fault:
	addq	$8, %rsp		/* the error code */
	movq	$missing, (%rsp)
	iretq

	.section .note.GNU-stack, "", @progbits
