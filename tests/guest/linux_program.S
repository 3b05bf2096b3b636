/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A static Linux program of the smallest kind: the test runs it in a foreign
 * space, and it does the same under Linux.
 *
 * Writes two lines, one by SYSCALL and one by INT 0x80, uses thread-local
 * storage behind %fs, and exits with 42, or with the number of what is wrong.
 */
#define SYS_WRITE 1
#define SYS_GETPID 39
#define SYS_EXIT 60
#define SYS_ARCH_PRCTL 158
#define SYS32_WRITE 4
#define ARCH_SET_FS 0x1002
#define STDOUT 1

	.macro	EXPECT value, register, number
	movl	$\number, %edi
	cmpq	$\value, %\register
	jne	leave
	.endm

	.text
	.globl	_start
_start:
	/* The stack is as a program finds it: argc, argv. */
	movl	$2, %edi
	cmpq	$1, (%rsp)
	jne	leave

	/* All registers but %rax, %rcx and %r11 survive a system call. */
	xorl	%ebp, %ebp
	movl	$0x3b, %ebx
	movl	$0x3c, %r12d
	movl	$0x3d, %r13d
	movl	$0x3e, %r14d
	movl	$0x3f, %r15d
	movl	$0x48, %r8d
	movl	$0x49, %r9d
	movl	$0x4a, %r10d
	movl	$SYS_WRITE, %eax
	movl	$STDOUT, %edi
	movl	$first, %esi
	movl	$first_size, %edx
	syscall
1:	EXPECT	first_size, rax, 3
	EXPECT	1b, rcx, 4
	EXPECT	0, rbp, 5
	EXPECT	0x3b, rbx, 6
	EXPECT	0x3c, r12, 7
	EXPECT	0x3d, r13, 8
	EXPECT	0x3e, r14, 9
	EXPECT	0x3f, r15, 10
	EXPECT	0x48, r8, 11
	EXPECT	0x49, r9, 12
	EXPECT	0x4a, r10, 13
	EXPECT	first, rsi, 14
	EXPECT	first_size, rdx, 15

	/* The registers with which L4 would take it for another call. */
	movl	$1, %ebp
	movl	$SYS_GETPID, %eax
	syscall
	EXPECT	1, rbp, 16
	movl	$7, %ebp
	movq	%rax, %rbx
	movl	$SYS_GETPID, %eax
	syscall
	EXPECT	7, rbp, 17
	movl	$18, %edi
	cmpq	%rbx, %rax
	jne	leave

	movl	$SYS32_WRITE, %eax
	movl	$STDOUT, %ebx
	movl	$second, %ecx
	movl	$second_size, %edx
	int	$0x80
	EXPECT	second_size, rax, 19

	movl	$SYS_ARCH_PRCTL, %eax
	movl	$ARCH_SET_FS, %edi
	movl	$local, %esi
	syscall
	EXPECT	0, rax, 20
	movq	%fs:8, %rax
	EXPECT	0x7777, rax, 21

	movl	$42, %edi
leave:
	movl	$SYS_EXIT, %eax
	syscall
	ud2

	.section .rodata
first:
	.ascii	"written by SYSCALL\n"
	.set	first_size, . - first
second:
	.ascii	"written by INT\n"
	.set	second_size, . - second

	.data
	.balign	4096
local:
	.quad	0
	.quad	0x7777

	.section .note.GNU-stack, "", @progbits
