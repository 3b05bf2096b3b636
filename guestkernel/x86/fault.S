/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short way of page faults and exceptions: to a pager or handler that
 * waits, named by its global id.  As in ipc.S, any doubt goes the long way,
 * which finds all registers in the frame.
 *
 * %rbp is the thread that faults, %rcx the one that hears of it.
 */
#include "guestkernel/abi/utcb.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trapframe.h"

#define PF_ERROR_KNOWN (PF_ERROR_PRESENT | PF_ERROR_WRITE | PF_ERROR_FETCH)
#define GS_REACH 0xfff /* a fault at %gs:0, were its base 0, is below */

#define MR(n) ((n) * 8)

	.text

	/* %rdx = id of the partner; %r11 = id of this thread. */
	.macro	FIND_WAITING_PARTNER
	THREAD_OFFSET %rdx, %rcx, %ecx
	leaq	TCB_AREA_START + TF_SIZE(%rcx), %rcx
	cmpq	%rdx, TCB_ID(%rcx)
	jne	trap_long
	movl	TCB_FLAGS(%rbp), %edi
	orl	TCB_FLAGS(%rcx), %edi
	jnz	trap_long
	movq	TCB_ID(%rbp), %r11
	cmpq	%r11, TCB_WAITS_FOR(%rcx)
	je	1f
	cmpq	$-1, TCB_WAITS_FOR(%rcx)
	jne	trap_long
1:	movzbl	TCB_PRIORITY(%rcx), %edi
	cmpl	ready_highest(%rip), %edi
	jle	trap_long
	.endm

/*
 * MR1 = address, MR2 = %rip; the label says which access it was.  %ebx is the
 * error code, with bits of RFLAGS among those that are not common.
 */
	.globl	trap_page_fault
	.type	trap_page_fault, @function
trap_page_fault:
	pushq	$VECTOR_PF
	SAVE_GPRS
	leaq	TF_SIZE(%rsp), %rbp
	movl	TF_ERROR(%rsp), %ebx
	xorb	$PF_ERROR_USER, %bl
	orb	TF_RFLAGS+2(%rsp), %bh
	testl	$~(PF_ERROR_KNOWN | RFLAGS_RF >> 8), %ebx
	jnz	trap_any
	movq	%cr2, %rax
	cmpq	$GS_REACH, %rax
	jbe	trap_long
	movq	TCB_UTCB(%rbp), %rdx
	movq	MR(UTCB_PAGER)(%rdx), %rdx
	FIND_WAITING_PARTNER
	movq	$TAG_FAULT_WRITE, %r9
	testb	$PF_ERROR_WRITE, %bl
	jnz	1f
	movq	$TAG_FAULT_EXECUTE, %r9
	testb	$PF_ERROR_FETCH, %bl
	jnz	1f
	movq	$TAG_FAULT_READ, %r9
1:	movq	FRAME(RIP)(%rbp), %rbx
	movb	$TCB_SENT_PAGE_FAULT, TCB_KERNEL_IPC(%rbp)
	jmp	sent
	.size	trap_page_fault, . - trap_page_fault

/*
 * From trap_common: all registers; those of MR2 to MR7 are where they have to
 * be.
 */
	.globl	trap_exception
	.type	trap_exception, @function
trap_exception:
	btl	$STACK_IS_FRAME, %esp
	jnc	trap_any
	testb	$RFLAGS_VM >> 16, TF_RFLAGS+2(%rsp)
	jnz	trap_long
	leaq	TF_SIZE(%rsp), %rbp
	movq	TCB_UTCB(%rbp), %rdx
	movq	MR(UTCB_EXCEPTION_HANDLER)(%rdx), %rdx
	FIND_WAITING_PARTNER
	movq	TCB_UTCB(%rcx), %rdi
	movq	%rax, MR(8)(%rdi)
	movq	FRAME(RCX)(%rbp), %rax
	movq	%rax, MR(9)(%rdi)
	movq	FRAME(RDX)(%rbp), %rax
	movq	%rax, MR(10)(%rdi)
	movq	%rsi, MR(11)(%rdi)
	movq	FRAME(RDI)(%rbp), %rax
	movq	%rax, MR(12)(%rdi)
	movq	FRAME(RBP)(%rbp), %rax
	movq	%rax, MR(13)(%rdi)
	movq	%r8, MR(14)(%rdi)
	movq	%r9, MR(15)(%rdi)
	movq	FRAME(R11)(%rbp), %rax
	movq	%rax, MR(16)(%rdi)
	movq	FRAME(RSP)(%rbp), %rax
	movq	%rax, MR(17)(%rdi)
	movq	FRAME(RFLAGS)(%rbp), %rax
	movq	%rax, MR(18)(%rdi)
	movq	FRAME(VECTOR)(%rbp), %rax
	movq	%rax, MR(19)(%rdi)
	movq	FRAME(ERROR)(%rbp), %rax
	movq	%rax, MR(20)(%rdi)
	movq	FRAME(RIP)(%rbp), %rax
	movq	$TAG_EXCEPTION, %r9
	movb	$TCB_SENT_EXCEPTION, TCB_KERNEL_IPC(%rbp)

/* It waits for the reply; the other runs. */
sent:	movl	$THREAD_KERNEL_IPC | THREAD_IRET, TCB_FLAGS(%rbp)
	jmp	ipc_hand_over
	.size	trap_exception, . - trap_exception

	.section .note.GNU-stack, "", @progbits
