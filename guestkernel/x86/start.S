/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the VMM starts the kernel: 64-bit mode, tables loaded, IF = 0, %rdi =
 * boot info.  Before it stands what the VMM prepares, and where.
 * Source: vmm/abi/boot.h, struct boot_kernel.
 */
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trapframe.h"

#define BASE 0xffffffff80000000

	.section .text.start, "ax", @progbits
	.long	KERNEL_MAGIC
	.irp	symbol, boot_tables, user_stubs, thread_newest, syscall_entry, trap_stubs, trap_page_fault, event_stub, legacy_syscall
	.long	\symbol - BASE
	.endr

	.globl	start
	.type	start, @function
start:
	movl	$SEL_TSS, %eax
	ltr	%ax
	movq	$kernel_stack_top, %rsp
	call	kernel_main		/* struct tcb *(uint64_t boot_info) */
	jmp	return_to_user
	.size	start, . - start

/* struct boot_tables, and those of its parts that assembler code uses. */
	.bss
	.balign	4096
	.globl	boot_tables, tss, boot_memory, thread_gs_page
boot_tables:
	.skip	7 * 4096
tss:
	.skip	848
boot_memory:
	.skip	4096 - 848
thread_gs_page:
	.skip	4096

	.section .note.GNU-stack, "", @progbits
