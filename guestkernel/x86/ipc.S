/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYSCALL, and the short way of Ipc between threads of this domain: untyped
 * words to a thread that waits, then a wait without a timeout.
 *
 * Nothing is saved that the message does not need: message words stay in their
 * registers, what a receiver gets beyond those announced is undefined.  Any
 * doubt, and each other system call, goes the long way (entry.S) with all
 * registers as the user had them; checks change none but %rcx, %rbp, %rsp and %r11.
 *
 * What TSS.RSP0 holds is the running thread's TCB.  %rbp is the sender, %rcx the
 * receiver.
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/x86/trapframe.h"

	.text

	/* %r11: what of message, timeout or either thread is not common. */
	.macro	UNCOMMON tag_bits
	movl	%r9d, %r11d
	andl	$\tag_bits, %r11d
	orw	%r8w, %r11w
	orl	TCB_FLAGS(%rbp), %r11d
	orl	TCB_FLAGS(%rcx), %r11d
	orq	TCB_SENDERS(%rbp), %r11
	.endm

/*
 * %rcx = user %rip, %r11 = user %rflags, %ebp = number.  The stack is still
 * the user's, so its pointer is parked before %rsp can serve as base.
 */
	.balign	64
	.globl	syscall_entry
	.type	syscall_entry, @function
syscall_entry:
	testq	%rbp, %rbp		/* SYSCALL_IPC */
	jnz	other_call
	movq	tss+TSS_RSP0(%rip), %rbp
	movq	%rsp, FRAME(RSP)(%rbp)
	movq	%rcx, FRAME(RIP)(%rbp)
	movq	%r11, FRAME(RFLAGS)(%rbp)

	/* The partner: see thread_slot. */
	THREAD_OFFSET %rsi, %rcx, %ecx
	leaq	TCB_AREA_START + TCB_OFFSET(%rcx), %rcx
	cmpq	%rsi, TCB_ID(%rcx)
	jne	local_partner
	cmpq	%rdx, %rsi
	jne	other_source

	/* Nothing uncommon about message, timeout or either thread. */
check:	UNCOMMON TAG_NOT_SHORT
	jnz	many_words

	/* It waits for this one. */
	movq	TCB_ID(%rbp), %r11
	cmpq	%r11, TCB_WAITS_FOR(%rcx)
	jne	open_wait

	/* It is the one to run next: nobody is above, or it is an equal. */
check_priority:
	movzbl	TCB_PRIORITY(%rcx), %esp
	cmpl	ready_highest(%rip), %esp
	jle	equal_priority

/* %rdx = whom to wait for, %r11 = the sender's id; also from fault.S. */
	.globl	ipc_hand_over, ipc_hand_message
ipc_hand_over:
	movq	%rdx, TCB_WAITS_FOR(%rbp)
	movb	$TCB_RECEIVING, TCB_STATE(%rbp)
ipc_hand_message:
	movq	$0, TCB_WAITS_FOR(%rcx)
	movb	$TCB_READY, TCB_STATE(%rcx)
	movq	%rcx, tss+TSS_RSP0(%rip)
	movq	TCB_LOCAL_ID(%rcx), %rdi
	movq	%rdi, thread_gs_page(%rip)
	movq	TCB_CR3(%rcx), %r8
	cmpq	%r8, TCB_CR3(%rbp)
	je	same_space
	movq	%r11, %rsi
	movq	%r8, %cr3
leave:	movq	FRAME(RFLAGS)(%rcx), %r11
	movq	FRAME(RSP)(%rcx), %rsp
	movq	FRAME(RIP)(%rcx), %rcx
	sysretq

/* The sender's local id, and for the reply to it, who that is. */
same_space:
	movq	TCB_LOCAL_ID(%rbp), %rsi
	movq	%rbp, TCB_LOCAL_PARTNER(%rcx)
	jmp	leave

open_wait:
	cmpq	$-1, TCB_WAITS_FOR(%rcx)
	je	check_priority
	jmp	uncommon

equal_priority:
	cmpb	%spl, TCB_PRIORITY(%rbp)
	je	ipc_hand_over
uncommon:
	jmp	long_ipc		/* near: jumps to it take two bytes */

/*
 * If more than seven words are all that is uncommon: the same checks, and the
 * words in memory follow.  Both UTCBs are the kernel's memory, too.
 */
many_words:
	UNCOMMON TAG_NOT_WORDS
	jnz	find_nothing
	movq	TCB_ID(%rbp), %r11
	cmpq	%r11, TCB_WAITS_FOR(%rcx)
	je	1f
	cmpq	$-1, TCB_WAITS_FOR(%rcx)
	jne	uncommon
1:	movzbl	TCB_PRIORITY(%rcx), %esp
	cmpl	ready_highest(%rip), %esp
	jg	2f
	cmpb	%spl, TCB_PRIORITY(%rbp)
	jne	uncommon
2:	movq	TCB_UTCB(%rbp), %rsi
	movq	TCB_UTCB(%rcx), %rdi
	addq	$8 * FRAME_MRS, %rsi
	addq	$8 * FRAME_MRS, %rdi
	movq	%rcx, %r8
	movl	%r9d, %ecx
	andl	$TAG_WORDS, %ecx
	subl	$FRAME_MRS - 1, %ecx
	rep movsq
	movq	%r8, %rcx
	jmp	ipc_hand_over

/* To wait for anybody, or for a thread that is not the partner: one that was
   waited for before, see ipc_lose_partner(). */
other_source:
	cmpq	$-1, %rdx
	je	check
	testq	%rdx, %rdx
	jz	doubtful
	THREAD_OFFSET %rdx, %r11, %r11d
	cmpq	%rdx, TCB_AREA_START + TCB_OFFSET + TCB_AWAITED(%r11)
	je	check
doubtful:
	jmp	long_ipc

/* By local id, most often the partner of the last message; ids get global. */
local_partner:
	testb	$THREAD_LOCAL_BITS, %sil
	jnz	doubtful
	movq	TCB_LOCAL_PARTNER(%rbp), %rcx
	cmpq	%rsi, TCB_LOCAL_ID(%rcx)
	jne	doubtful
	movq	TCB_CR3(%rcx), %r11
	cmpq	%r11, TCB_CR3(%rbp)
	jne	doubtful
	cmpq	%rsi, %rdx
	movq	TCB_ID(%rcx), %rsi
	jne	other_source
	movq	%rsi, %rdx
	jmp	check

/* Sends nothing, does not wait, and nobody waits for it: a timeout at once. */
find_nothing:
	testq	%rsi, %rsi
	jnz	doubtful
	testq	%rdx, %rdx
	jz	doubtful
	cmpw	$TIMEOUT_ZERO, %r8w
	jne	doubtful
	movl	TCB_FLAGS(%rbp), %ecx
	btrl	$THREAD_FPU_BIT, %ecx
	orq	TCB_SENDERS(%rbp), %rcx
	jnz	doubtful
	movq	TCB_UTCB(%rbp), %rcx
	movq	$ERROR_RECEIVE_TIMEOUT, 8 * UTCB_ERROR_CODE(%rcx)
	movl	$TAG_ERROR, %r9d
	movq	%rbp, %rcx
	jmp	leave
	.size	syscall_entry, . - syscall_entry

	.section .note.GNU-stack, "", @progbits
