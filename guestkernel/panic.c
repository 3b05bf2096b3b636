/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/panic.h"

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define COM1_DATA 0x3f8
#define COM1_LINE_STATUS 0x3fd
#define LINE_DATA_READY 0x01
#define LINE_TRANSMIT_EMPTY 0x20
#define POLLS 1000 /* a UART that never empties must not hold the kernel */

static void transmit(char c)
{
	for (int i = 0; i < POLLS; i++)
		if (inb(COM1_LINE_STATUS) & LINE_TRANSMIT_EMPTY)
			break;
	outb(COM1_DATA, (uint8_t)c);
}

void console_putc(char c)
{
	transmit(c);
	if (c == '\n')
		transmit('\r');
}

int console_getc(void)
{
	if (!(inb(COM1_LINE_STATUS) & LINE_DATA_READY))
		return -1;
	return inb(COM1_DATA);
}

void console_puts(const char *s)
{
	while (*s)
		console_putc(*s++);
}

void console_hex(uint64_t value)
{
	console_puts("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		console_putc("0123456789abcdef"[value >> shift & 0xf]);
}

_Noreturn void panic(uint32_t reason, uint64_t value, uint64_t rip)
{
	CONTROL->action.error = reason;
	CONTROL->action.to = value;
	CONTROL->action.send_timeout = rip;
	for (;;)
		outl(ACTION_PORT, ACTION_STOP);
}
