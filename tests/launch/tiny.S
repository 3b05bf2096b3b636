/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest guest that has an effect: it writes "!\n" to the serial port and
 * ends the machine.  tiny-wait spins instead, to be looked at.
 *
 * Every instruction has the same bytes in 32- and in 64-bit mode, so the file
 * starts as a Linux vmlinux and by PVH alike.
 * Source: Xen, "x86/HVM direct boot ABI" (the note).
 */
#define SERIAL_PORT 0x3f8
#define EXIT_PORT 0xf4 /* also QEMU's isa-debug-exit */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

	.text
	.globl	_start
	.type	_start, @function
_start:
	movl	$SERIAL_PORT, %edx
	movb	$'!', %al
	outb	%al, %dx
	movb	$'\n', %al
	outb	%al, %dx
#ifdef WAIT
1:	pause
	jmp	1b
#endif
	movl	$EXIT_PORT, %edx
	xorl	%eax, %eax
	outb	%al, %dx
2:	hlt
	jmp	2b
	.size	_start, . - _start

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	_start

	.section .note.GNU-stack, "", @progbits
