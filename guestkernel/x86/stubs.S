/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page behind the KIP's system call links: user code in the kernel's half,
 * readable and executable in every space.  %rbp is never an input and its
 * callers save it; see guestkernel/abi/syscall.h.
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/x86/trapframe.h"

/* 8 bytes each, in the order of the KIP's links. */
	.macro	STUB number
	.balign	8
	movl	$\number, %ebp
	syscall
	ret
	.endm

	.section .stubs, "awx", @progbits
	.balign	4096
	.globl	user_stubs
user_stubs:
	STUB	SYSCALL_SPACE_CONTROL
	STUB	SYSCALL_THREAD_CONTROL
	STUB	SYSCALL_PROCESSOR_CONTROL
	STUB	SYSCALL_MEMORY_CONTROL
	STUB	SYSCALL_IPC
	STUB	SYSCALL_IPC	/* the same, and shorter this way */
	STUB	SYSCALL_UNMAP
	STUB	SYSCALL_EXCHANGE_REGISTERS
	jmp	system_clock
	STUB	SYSCALL_THREAD_SWITCH
	STUB	SYSCALL_SCHEDULE

/* Microseconds = (TSC + offset) * multiplier >> 64; no kernel entry. */
system_clock:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	addq	stub_tsc_offset(%rip), %rax
	mulq	stub_us_mult(%rip)
	movq	%rdx, %rax
	ret

	/* Filled by the VMM; they take no space in the file. */
	.set	stub_tsc_offset, user_stubs + STUBS_CLOCK
	.set	stub_us_mult, stub_tsc_offset + 8

/*
 * From the first number behind Ipc and Lipc on, which do not come this way.
 * Among the code, all of which in C is behind it.
 */
	.text
	.balign	2
	.globl	syscall_table
	.set	syscall_table, . - 2 * SYSCALL_EXCHANGE_REGISTERS
	.word	sys_exchange_registers - syscall_table
	.word	0				/* ThreadSwitch: in ipc.S */
	.word	sys_unmap - syscall_table
	.word	sys_schedule - syscall_table
	.word	sys_thread_control - syscall_table
	.word	sys_space_control - syscall_table
	.word	sys_refuse - syscall_table	/* ProcessorControl */
	.word	sys_refuse - syscall_table	/* MemoryControl */

/* As a constant in code it takes ten bytes each time. */
	.globl	user_end
user_end:
	.quad	USER_END

	.section .note.GNU-stack, "", @progbits
