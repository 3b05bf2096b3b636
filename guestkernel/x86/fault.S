/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short way of page faults, exceptions and notifications: to a pager or
 * handler that waits, named by its global id.  As in ipc.S, any doubt goes the
 * long way, which finds all registers in the frame.
 *
 * %rbp is the thread that faults, or the interrupt; %rcx who hears of it.
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trapframe.h"

#define PF_ERROR_KNOWN (PF_ERROR_PRESENT | PF_ERROR_WRITE | PF_ERROR_FETCH)
#define GS_REACH 0xfff /* a fault at %gs:0, were its base 0, is below */

#define MR(n) ((n) * 8)

/* The next message register: %rdi goes on. */
#define GIVE(register) movq FRAME(register)(%rbp), %rax; stosq

	.text

/*
 * %rdx = id of the partner, %rbp = who sends, %edi = what is uncommon about a
 * thread.  Returns the partner in %rcx, its priority in %edi, the sender's id in
 * %r11; or does not return.  The return address lies before the frame.
 */
	.type	find_partner, @function
find_partner:
	THREAD_OFFSET %rdx, %rcx, %ecx
	leaq	TCB_AREA_START + TCB_OFFSET(%rcx), %rcx
	cmpq	%rdx, TCB_ID(%rcx)
	jne	long
	orl	TCB_FLAGS(%rcx), %edi
	jnz	long
	movq	TCB_ID(%rbp), %r11
	cmpq	%r11, TCB_WAITS_FOR(%rcx)
	je	1f
	cmpq	$-1, TCB_WAITS_FOR(%rcx)
	jne	long
1:	movzbl	TCB_PRIORITY(%rcx), %edi
	cmpl	ready_highest(%rip), %edi
	jle	long
	ret
long:	jmp	trap_long
	.size	find_partner, . - find_partner

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
	jbe	long
	movl	TCB_FLAGS(%rbp), %edi
	movq	TCB_UTCB(%rbp), %rdx
	movq	MR(UTCB_PAGER)(%rdx), %rdx
	call	find_partner
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
 * be.  The beginning of the frame is near %rsp.
 */
	.globl	trap_exception
	.type	trap_exception, @function
trap_exception:
	movl	TCB_FLAGS(%rbp), %edi
	movq	TCB_UTCB(%rbp), %rdx
	movq	MR(UTCB_EXCEPTION_HANDLER)(%rdx), %rdx
	call	find_partner
	movq	TCB_UTCB(%rcx), %rdi
	addq	$MR(8), %rdi
	cld
	stosq
	leaq	TF_RCX(%rsp), %rsi	/* to %r9: MR9 to MR15 */
	movq	%rcx, %r8
	movl	$7, %ecx
	rep movsq
	movq	%r8, %rcx
	GIVE(R11)
	GIVE(RSP)
	GIVE(RFLAGS)
	GIVE(VECTOR)
	GIVE(ERROR)
	movq	FRAME(RIP)(%rbp), %rax
	movq	$TAG_EXCEPTION, %r9
	movb	$TCB_SENT_EXCEPTION, TCB_KERNEL_IPC(%rbp)

/* It waits for the reply; the other runs. */
sent:	movb	$THREAD_KERNEL_IPC | THREAD_IRET, TCB_FLAGS(%rbp)
	jmp	ipc_hand_over
	.size	trap_exception, . - trap_exception

/*
 * The event interrupt, from trap_common: one notification and nothing else, to
 * a handler above the thread that it interrupts.  That, %rsi, had the highest
 * priority of those that can run, so it becomes the first and only one of its
 * own in the ready queue.
 */
	.globl	trap_notification
	.type	trap_notification, @function
trap_notification:
	movq	%rbp, %rsi
	cmpl	$0, CONTROL_EVENT_TYPE	/* EVENT_NONE */
	jne	no
	rdtsc
	shlq	$32, %rdx
	orq	%rax, %rdx
	cmpq	sched_timer(%rip), %rdx
	jae	no
	movq	CONTROL_NOTIFIED, %r9
	bsfq	%r9, %rbp
	jz	no
	leaq	-1(%r9), %rax
	testq	%rax, %r9
	jnz	no
	shll	$TCB_SIZE_LOG2, %ebp
	addq	$TCB_AREA_START + TCB_OFFSET, %rbp
	cmpl	$THREAD_INTERRUPT, TCB_FLAGS(%rbp)
	jne	no
	testl	$TCB_INTERRUPT_BUSY, TCB_STATE(%rbp)
	jnz	no
	movq	TCB_UTCB(%rsi), %rax
	testb	$PREEMPT_SIGNAL | PREEMPT_DELAY, MR(UTCB_FLAGS)(%rax)
	jnz	no
	movq	TCB_HANDLER(%rbp), %rdx
	movl	TCB_FLAGS(%rsi), %edi
	call	find_partner
	movzbl	TCB_PRIORITY(%rsi), %eax
	cmpl	%eax, %edi
	jle	no
	cmpl	ready_highest(%rip), %eax
	jle	no
	lock xorq %r9, CONTROL_NOTIFIED
	movl	%eax, ready_highest(%rip)
	movq	%rsi, ready_ring(, %rax, 8)
	btsq	%rax, ready_occupied(%rip)
	movq	%rsi, TCB_NEXT(%rsi)
	movq	%rsi, TCB_PREV(%rsi)
	movb	$TCB_QUEUE_READY, TCB_QUEUE(%rsi)
	movb	$THREAD_IRET, TCB_FLAGS(%rsi)
	movb	$1, TCB_KERNEL_IPC(%rbp) /* masked */
	movq	$TAG_INTERRUPT, %r9
	jmp	ipc_hand_message
no:	jmp	trap_long
	.size	trap_notification, . - trap_notification

	.section .note.GNU-stack, "", @progbits
