/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel entry but for the short ways, which come here with what they do not
 * do, and exit.  Saves, calls C, restores; decides nothing but what of the
 * registers a system call keeps, and which of the two return instructions fits
 * the frame.
 *
 * Registers go straight into the TCB of the running thread, whose frame C
 * handlers see; a handler returns the TCB of the thread to run next.  The
 * kernel stack is empty at each entry.  Interrupts are off throughout.
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trapframe.h"

	.text

/* SYSCALL, but for Ipc: as at syscall_entry, which see. */
	.globl	other_call, long_ipc
	.type	other_call, @function
other_call:
	movq	%rsp, user_rsp(%rip)
	movq	tss+TSS_RSP0(%rip), %rsp
	pushq	$SEL_UDATA
	pushq	user_rsp(%rip)
	pushq	%r11
	pushq	$SEL_UCODE
	pushq	%rcx
	cmpl	$SYSCALL_THREAD_SWITCH, %ebp
	je	thread_switch
1:	subq	$TF_RIP - TF_VECTOR, %rsp
	jmp	save

/* But for a foreign thread it may destroy all registers. */
thread_switch:
	testb	$THREAD_FOREIGN >> 8, TF_SIZE - TF_RIP + TCB_FLAGS + 1(%rsp)
	jnz	1b
	movq	%rdi, %rsi
	leaq	TF_SIZE - TF_RIP(%rsp), %rdi
	movq	$kernel_stack_top, %rsp
	call	sys_thread_switch	/* struct tcb *(struct tcb *, id) */
	jmp	return_to_user
	.size	other_call, . - other_call

/* Ipc: as it was at syscall_entry, but for %rsp. */
	.type	long_ipc, @function
long_ipc:
	leaq	FRAME(VECTOR)(%rbp), %rsp
	movq	FRAME(RIP)(%rbp), %rcx
	movq	FRAME(RFLAGS)(%rbp), %r11
	xorl	%ebp, %ebp
save:	SAVE_GPRS			/* %rbp, too: foreign programs use it */
	movq	tss+TSS_RSP0(%rip), %rdi
	movl	%ebp, %esi
	movq	$kernel_stack_top, %rsp
	call	syscall_dispatch	/* struct tcb *(struct tcb *, number) */
	.size	long_ipc, . - long_ipc
	/* fall through */

/* %rax = the thread to run.  %rip is canonical: see USER_END. */
	.globl	return_to_user
	.type	return_to_user, @function
return_to_user:
	leaq	TF_RDX - TF_SIZE(%rax), %rsp
	btrl	$THREAD_IRET_BIT, TCB_FLAGS(%rax)
load:	LOAD_GPRS			/* and the carry stays */
	jc	leave_by_iret
	movq	TF_RIP - TF_VECTOR(%rsp), %rcx
	movq	TF_RFLAGS - TF_VECTOR(%rsp), %r11
	movq	TF_RSP - TF_VECTOR(%rsp), %rsp
	sysretq
	.size	return_to_user, . - return_to_user

/* bool try_copy(void *, const void *, uint64_t size): false if memory went. */
	.globl	try_copy, try_failed
	.type	try_copy, @function
try_copy:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
	rep movsb
	movb	$1, %al
	ret
try_failed:
	xorl	%eax, %eax
	ret
	.size	try_copy, . - try_copy

/*
 * Exceptions and the event interrupt.  From user mode the frame is that
 * before the TCB; from the kernel it lies on the kernel stack, and but for
 * try_copy the kernel is broken.  Selectors do not tell which it is: see
 * trap_user.
 *
 * Entry n is at trap_stubs + 4 * n.  Those without an error code from the
 * processor have 0 put under the vector; higher ones than these do not occur.
 */
	.globl	trap_stubs
trap_stubs:
	.irp	vector, 0, 1, 2, 3, 4, 5, 6, 7
	pushq	$\vector
	jmp	no_error
	.endr
	pushq	$VECTOR_DF
	jmp	trap_common
	pushq	$9
	jmp	no_error
	.irp	vector, 10, 11, 12, 13, 14
	pushq	$\vector
	jmp	trap_common
	.endr
	.irp	vector, 15, 16
	pushq	$\vector
	jmp	no_error
	.endr
	pushq	$17
	jmp	trap_common
	.irp	vector, 18, 19
	pushq	$\vector
	jmp	no_error
	.endr
	.org	trap_stubs + 4 * TRAP_STUBS

/*
 * SYSCALL outside of 64-bit mode, where an emulated processor may let a user
 * program get: see trap_user.  It is an invalid opcode.
 */
	.globl	legacy_syscall
	.type	legacy_syscall, @function
legacy_syscall:
	movq	tss+TSS_RSP0(%rip), %rsp
	addq	$TF_RFLAGS + 8 - TF_SIZE, %rsp
	pushq	$RFLAGS_VM
	pushq	%rcx			/* CS */
	pushq	%rcx
	jmp	trap_stubs + 4 * VECTOR_UD
	.size	legacy_syscall, . - legacy_syscall

/* The event interrupt; inside interrupt_window() there is nothing to do. */
	.globl	event_stub
	.type	event_stub, @function
event_stub:
	btl	$STACK_IS_FRAME, %esp
	jnc	2f
	pushq	$VECTOR_EXCEPTIONS
no_error:
	pushq	(%rsp)
	andq	$0, 8(%rsp)
	/* fall through */

/* With all registers in the frame and the TCB in %rbp others come to the end. */
	.globl	trap_any, trap_long
	.type	trap_common, @function
trap_common:
	SAVE_GPRS
	leaq	TF_SIZE(%rsp), %rbp
trap_any:
	btl	$STACK_IS_FRAME, %esp
	jnc	trap_in_kernel
	testb	$RFLAGS_VM >> 16, TF_RFLAGS+2(%rsp)
	jnz	trap_long
	movl	TF_VECTOR(%rsp), %edx
	movl	$VECTORS_SHORT, %ecx
	btq	%rdx, %rcx
	jc	trap_exception
	cmpl	$VECTOR_EXCEPTIONS, %edx
	je	trap_notification
trap_long:
	cld
	movq	tss+TSS_RSP0(%rip), %rdi
	movq	$kernel_stack_top, %rsp
	call	trap_user		/* struct tcb *(struct tcb *) */
	jmp	return_to_user
trap_in_kernel:
	cld
	movq	%rsp, %rdi
	call	trap_kernel		/* void (struct trapframe *) */
	addq	$TF_RDX, %rsp
	stc
	jmp	load
leave_by_iret:
	movq	TF_R11 - TF_VECTOR(%rsp), %r11
	movq	TF_RCX - TF_VECTOR(%rsp), %rcx
	addq	$16, %rsp		/* vector, error */
2:	iretq
	.size	trap_common, . - trap_common

	.bss
	.balign	8
user_rsp:
	.skip	8
	.balign	16
	.skip	8192
	.globl	kernel_stack_top
kernel_stack_top:

	.section .note.GNU-stack, "", @progbits
