/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that may not be there: a page fault, which the VMM injects for what
 * windows do not show, ends the access.
 */
	.text
	.globl	touch_read
touch_read:
	movb	(%rdi), %al
	jmp	touched
	.globl	touch_write
touch_write:
	movb	%al, (%rdi)
touched:
	ret

	.globl	touch_fault
touch_fault:
	addq	$8, %rsp		/* the error code */
	movq	$touched, (%rsp)
	iretq

	.section .note.GNU-stack, "", @progbits
