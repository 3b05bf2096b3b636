/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel entry by trap, and exit.  Saves, calls C, restores; decides nothing but
 * which of the two return instructions fits the frame.  SYSCALL is in ipc.S.
 *
 * Registers go straight into the TCB of the running thread, whose frame C
 * handlers see; a handler returns the TCB of the thread to run next.  The
 * kernel stack is empty at each entry.  Interrupts are off throughout.
 */
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trapframe.h"

	.text

/* %rax = the thread to run.  %rip is canonical: see USER_END. */
	.globl	return_to_user
	.type	return_to_user, @function
return_to_user:
	movq	%rax, %rsp
	testl	$THREAD_IRET, TCB_FLAGS(%rsp)
	jnz	2f
	movq	FRAME(R9)(%rsp), %r9
	movq	FRAME(RAX)(%rsp), %rax
	movq	FRAME(RBX)(%rsp), %rbx
	movq	FRAME(R10)(%rsp), %r10
	movq	FRAME(R12)(%rsp), %r12
	movq	FRAME(R13)(%rsp), %r13
	movq	FRAME(R14)(%rsp), %r14
	movq	FRAME(R15)(%rsp), %r15
	movq	FRAME(RSI)(%rsp), %rsi
	movq	FRAME(RDI)(%rsp), %rdi
	movq	FRAME(RDX)(%rsp), %rdx
	movq	FRAME(R8)(%rsp), %r8
	movq	FRAME(RIP)(%rsp), %rcx
	movq	FRAME(RFLAGS)(%rsp), %r11
	movq	FRAME(RSP)(%rsp), %rsp
	sysretq
2:	andl	$~THREAD_IRET, TCB_FLAGS(%rsp)
	addq	$-TF_SIZE, %rsp
pop_frame:
	.irp	reg, r9, rax, rbx, r10, r12, r13, r14, r15, rsi, rdi, rdx, r8, rbp, rcx, r11
	popq	%\reg
	.endr
	addq	$16, %rsp		/* vector, error */
	iretq
	.size	return_to_user, . - return_to_user

/*
 * Exceptions and the event interrupt.  From user mode the frame is that
 * before the TCB; from the kernel it lies on the kernel stack, and but for try_read the kernel
 * is broken.
 */
	.type	trap_common, @function
trap_common:
	.irp	reg, r11, rcx, rbp, r8, rdx, rdi, rsi, r15, r14, r13, r12, r10, rbx, rax, r9
	pushq	%\reg
	.endr
	cld
	movq	%rsp, %rdi
	testb	$3, TF_CS(%rsp)
	jz	1f
	addq	$TF_SIZE, %rdi
	movq	$kernel_stack_top, %rsp
	call	trap_user		/* struct tcb *(struct tcb *) */
	jmp	return_to_user
1:	call	trap_kernel		/* void (struct trapframe *) */
	jmp	pop_frame
	.size	trap_common, . - trap_common

/* uint64_t try_read(const uint64_t *): 0 if nothing is mapped there. */
	.globl	try_read, try_read_access
	.type	try_read, @function
try_read:
try_read_access:
	movq	(%rdi), %rax
	ret
	.size	try_read, . - try_read

/* bool try_copy(void *, const void *, uint64_t size): false if memory went. */
	.globl	try_copy, try_copy_words, try_copy_bytes, try_failed
	.type	try_copy, @function
try_copy:
	movq	%rdx, %rcx
	shrq	$3, %rcx
try_copy_words:
	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
try_copy_bytes:
	rep movsb
	movb	$1, %al
	ret
try_failed:
	xorl	%eax, %eax
	ret
	.size	try_copy, . - try_copy

/* On a stack of their own; there is no way back. */
	.type	trap_fatal, @function
trap_fatal:
	.irp	reg, r11, rcx, rbp, r8, rdx, rdi, rsi, r15, r14, r13, r12, r10, rbx, rax, r9
	pushq	%\reg
	.endr
	cld
	movq	%rsp, %rdi
	call	trap_kernel
	ud2
	.size	trap_fatal, . - trap_fatal

	.macro	STUB vector, error, to
	.balign	16
	.if	!\error
	pushq	$0
	.endif
	pushq	$\vector
	jmp	\to
	.endm

/* Entry n is at trap_stubs + 16 * n. */
	.balign	16
	.globl	trap_stubs
trap_stubs:
	STUB	0, 0, trap_common
	STUB	1, 0, trap_common
	STUB	2, 0, trap_fatal
	STUB	3, 0, trap_common
	STUB	4, 0, trap_common
	STUB	5, 0, trap_common
	STUB	6, 0, trap_common
	STUB	7, 0, trap_common
	STUB	8, 1, trap_fatal
	STUB	9, 0, trap_common
	STUB	10, 1, trap_common
	STUB	11, 1, trap_common
	STUB	12, 1, trap_common
	STUB	13, 1, trap_common
	STUB	14, 1, trap_common
	STUB	15, 0, trap_common
	STUB	16, 0, trap_common
	STUB	17, 1, trap_common
	STUB	18, 0, trap_fatal
	STUB	19, 0, trap_common
	STUB	20, 0, trap_common
	STUB	21, 1, trap_common
	STUB	22, 0, trap_common
	STUB	23, 0, trap_common
	STUB	24, 0, trap_common
	STUB	25, 0, trap_common
	STUB	26, 0, trap_common
	STUB	27, 0, trap_common
	STUB	28, 0, trap_common
	STUB	29, 1, trap_common
	STUB	30, 1, trap_common
	STUB	31, 0, trap_common

/* The event interrupt; inside interrupt_window() there is nothing to do. */
	.balign	16
	.globl	event_stub
	.type	event_stub, @function
event_stub:
	testb	$3, 8(%rsp)
	jz	1f
	pushq	$0
	pushq	$VECTOR_EXCEPTIONS
	jmp	trap_common
1:	iretq
	.size	event_stub, . - event_stub

	.bss
	.balign	16
	.skip	8192
	.globl	kernel_stack_top
kernel_stack_top:
	.skip	16
	.skip	2048
	.globl	fatal_stack_top
fatal_stack_top:

	.section .note.GNU-stack, "", @progbits
