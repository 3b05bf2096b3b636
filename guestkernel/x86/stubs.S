/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page behind the KIP's system call links: user code in the kernel's half,
 * readable and executable in every space.  %rbp is never an input and its
 * callers save it; see guestkernel/abi/syscall.h.
 */
#include "guestkernel/abi/syscall.h"

	.macro	STUB name, number
	.balign	16
	.globl	stub_\name
stub_\name:
	movl	$\number, %ebp
	syscall
	ret
	.endm

	.section .stubs, "awx", @progbits
	.balign	4096
	.globl	user_stubs
user_stubs:
	STUB	ipc, SYSCALL_IPC
	STUB	lipc, SYSCALL_IPC	/* the same, and shorter this way */
	STUB	exchange_registers, SYSCALL_EXCHANGE_REGISTERS
	STUB	thread_switch, SYSCALL_THREAD_SWITCH
	STUB	unmap, SYSCALL_UNMAP
	STUB	schedule, SYSCALL_SCHEDULE
	STUB	thread_control, SYSCALL_THREAD_CONTROL
	STUB	space_control, SYSCALL_SPACE_CONTROL
	STUB	processor_control, SYSCALL_PROCESSOR_CONTROL
	STUB	memory_control, SYSCALL_MEMORY_CONTROL

/* Microseconds = (TSC + offset) * multiplier >> 64; no kernel entry. */
	.balign	16
	.globl	stub_system_clock
stub_system_clock:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	addq	stub_tsc_offset(%rip), %rax
	mulq	stub_us_mult(%rip)
	movq	%rdx, %rax
	ret

	.balign	16
	.globl	stub_tsc_offset, stub_us_mult
stub_tsc_offset:
	.quad	0
stub_us_mult:
	.quad	0

	.section .note.GNU-stack, "", @progbits
