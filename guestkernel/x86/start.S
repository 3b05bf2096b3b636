/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the VMM starts the kernel: 64-bit mode, paging on, %rdi = boot info.
 * Source: vmm/abi/boot.h.
 */
	.text
	.globl	start
	.type	start, @function
start:
	cli
	cld
	movq	$kernel_stack_top, %rsp
	call	kernel_main		/* struct tcb *(uint64_t boot_info) */
	jmp	return_to_user
	.size	start, . - start

	.section .note.GNU-stack, "", @progbits
