/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe guest: what an L4 kernel asks of a CPU, one question an entry.
 * vm.c copies it to PROBE_CODE and starts it in long mode, ring 0, interrupts
 * off.  Each ends with a verdict at PROBE_PORT; one that does not is no good.
 */
#include "vmm/probe/layout.h"

#define AT(label) (PROBE_CODE + (label) - probe_guest)

#define IA32_STAR  0xc0000081
#define IA32_LSTAR 0xc0000082
#define IA32_FMASK 0xc0000084

	.macro	VERDICT value
	movb	$\value, %al
	outb	%al, $PROBE_PORT
	hlt
	.endm

	.macro	QUESTION name
	.globl	probe_\name
	.type	probe_\name, @function
probe_\name:
	.endm

	.section .rodata.probe, "a", @progbits
	.balign	16
	.globl	probe_guest
probe_guest:

passed:	VERDICT	PROBE_PASSED
	QUESTION unexpected
failed:	VERDICT	PROBE_FAILED

	QUESTION long_mode
	movabsq	$0x123456789abcdef0, %r15
	movq	%r15, %rax
	shrq	$60, %rax
	cmpl	$1, %eax
	jne	failed
	jmp	passed

	/* To ring 3, at the address in %rdi, on a stack of its own. */
enter_user:
	pushq	$PROBE_UDATA
	pushq	$PROBE_USTACK
	pushq	$2
	pushq	$PROBE_UCODE
	pushq	%rdi
	iretq

	/* Ring 3 says that it is there by an invalid instruction. */
	QUESTION ring3
	xorl	%ebx, %ebx
	leaq	say_user(%rip), %rdi
	jmp	enter_user
say_user:
	ud2

	QUESTION on_invalid_opcode
	cmpq	$PROBE_UCODE, 8(%rsp)
	jne	failed
	cmpq	$PROBE_UDATA, 32(%rsp)
	jne	failed
	jmp	passed

	QUESTION page_fault
	leaq	touch_hole(%rip), %rdi
	jmp	enter_user
touch_hole:
	movq	PROBE_HOLE, %rax
	ud2

	QUESTION on_page_fault
	popq	%rax			/* error code: user, read, not present */
	cmpl	$4, %eax
	jne	failed
	movq	%cr2, %rax
	cmpq	$PROBE_HOLE, %rax
	jne	failed
	leaq	touch_hole(%rip), %rax
	cmpq	%rax, (%rsp)
	jne	failed
	addq	$8, (%rsp)		/* past the movq */
	iretq

	QUESTION int_n
	leaq	call_int(%rip), %rdi
	jmp	enter_user
call_int:
	int	$PROBE_VECTOR_SOFT
	int	$PROBE_VECTOR_AGAIN

	QUESTION on_int
	iretq

	QUESTION syscall
	movl	$IA32_STAR, %ecx
	xorl	%eax, %eax
	movl	$(PROBE_KDATA | 3) << 16 | PROBE_KCODE, %edx
	wrmsr
	movl	$IA32_LSTAR, %ecx
	movl	$AT(on_syscall), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$IA32_FMASK, %ecx
	movl	$0x700, %eax
	wrmsr
	leaq	call_syscall(%rip), %rdi
	jmp	enter_user
call_syscall:
	syscall
returned:
	ud2

on_syscall:
	leaq	returned(%rip), %rax
	cmpq	%rax, %rcx
	jne	failed
	movw	%cs, %ax
	cmpw	$PROBE_KCODE, %ax
	jne	failed
	movq	$PROBE_KSTACK, %rsp
	sysretq

	/* Ring 3 may not reach a port. */
	QUESTION port_protection
	leaq	touch_port(%rip), %rdi
	jmp	enter_user
touch_port:
	outb	%al, $PROBE_PORT
	ud2

	QUESTION on_protection
	cmpq	$PROBE_UCODE, 16(%rsp)	/* above the error code and %rip */
	jne	failed
	jmp	passed

	QUESTION cmpxchg16b
	xorl	%eax, %eax
	xorl	%edx, %edx
	movl	$0x1111, %ebx
	movl	$0x2222, %ecx
	lock cmpxchg16b pair(%rip)
	jnz	failed
	cmpq	$0x1111, pair(%rip)
	jne	failed
	cmpq	$0x2222, pair + 8(%rip)
	jne	failed
	jmp	passed

	/* vm.c takes the HLT for a pass. */
	QUESTION hlt
	hlt
	jmp	failed

	/* vm.c answers the HLT by an interrupt. */
	QUESTION interrupt
	sti
	hlt
	cmpl	$0x3333, %r12d
	jne	failed
	jmp	passed

	QUESTION on_interrupt
	movl	$0x3333, %r12d
	iretq

	.balign	16
pair:	.quad	0, 0

	.globl	probe_guest_end
probe_guest_end:

	.section .note.GNU-stack, "", @progbits
