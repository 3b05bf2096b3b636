/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/panic.h"

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define COM1_DATA 0x3f8
#define COM1_LINE_STATUS 0x3fd
#define LINE_DATA_READY 0x01

/* The VMM's UART always has room. */
void console_putc(char c)
{
	outb(COM1_DATA, (uint8_t)c);
	if (c == '\n')
		outb(COM1_DATA, '\r');
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
