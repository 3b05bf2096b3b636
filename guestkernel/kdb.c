/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operation is in the code behind the INT3, which is harmless to execute:
 *
 *   EB ..             enter; at +2 "mov $message, %rax" (48 C7 C0 imm32) or
 *                     "mov $message, %eax" (B8 imm32)
 *   3C imm8           "cmp $operation, %al"
 *   90                as above, from the next byte on
 */
#include "guestkernel/kdb.h"

#include "guestkernel/ipc.h"
#include "guestkernel/panic.h"
#include "guestkernel/x86/trap.h"

#define OP_JMP 0xeb
#define OP_CMP_AL 0x3c
#define OP_NOP 0x90
#define OP_MOV_EAX 0xb8
#define OP_MOV_RAX 0xc0c748
#define OP_MASK 0xffffff /* of the latter */

#define KDB_PUTC 0x00
#define KDB_PUTS 0x01
#define KDB_GETC_POLL 0x08
#define KDB_GETC 0x0d

#define PAUSE ((l4_time_t){4 << TIME_EXPONENT_SHIFT | 625}) /* 10 ms */
#define STRING_MAX 512 /* characters of one message */

static void print_string(uint64_t address)
{
	for (unsigned i = 0; i < STRING_MAX; i++) {
		char c = (char)space_code(address + i);

		if (!c)
			return;
		console_putc(c);
	}
}

/* @code is behind the jump. */
static void enter(uint64_t code)
{
	if ((uint8_t)code == OP_MOV_EAX)
		code >>= 8;
	else if ((code & OP_MASK) == OP_MOV_RAX)
		code >>= 24;
	else
		return;
	console_puts("KDB: ");
	print_string((uint64_t)(int32_t)code);
	console_putc('\n');
}

/*
 * No interrupt says that a character came, so the thread looks again from time
 * to time: it executes its INT3 again after a pause, which no message ends.
 */
static void pause_before_again(struct tcb *self)
{
	frame_of(self)->rip--;
	self->flags |= THREAD_KERNEL_IPC;
	self->kernel_ipc = KERNEL_IPC_PAUSE;
	ipc_receive(self, self->id, PAUSE);
}

static void read_char(struct tcb *self, bool block)
{
	int c = console_getc();

	if (c < 0 && block)
		pause_before_again(self);
	else
		frame_of(self)->rax = (uint64_t)(int64_t)c;
}

static void operation(struct tcb *self, uint8_t code)
{
	switch (code) {
	case KDB_PUTC:
		console_putc((char)frame_of(self)->rax);
		return;
	case KDB_PUTS:
		print_string(frame_of(self)->rax);
		return;
	case KDB_GETC_POLL:
		read_char(self, false);
		return;
	case KDB_GETC:
		read_char(self, true);
		return;
	default:
		return;
	}
}

bool kdb_int3(struct tcb *self)
{
	uint64_t rip = frame_of(self)->rip;
	uint64_t code = space_code(rip);
	bool is_nop = (uint8_t)code == OP_NOP;

	if (is_nop)
		code >>= 8;
	if ((uint8_t)code == OP_CMP_AL)
		operation(self, (uint8_t)(code >> 8));
	else if ((uint8_t)code == OP_JMP && !is_nop)
		enter(space_code(rip + 2));
	else
		return is_nop;
	return true;
}
