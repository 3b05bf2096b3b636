/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console: by the VMM, a text at once; if it does not answer, byte by byte
 * through the serial port, which every task may reach.
 */
#include "servers/lib/libhurd/console.h"

#include <stdarg.h>
#include <stdint.h>

#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/vmm.h"

#define COM1_DATA 0x3f8
#define COM1_LSR 0x3fd
#define LSR_THRE 0x20
#define POLLS_MAX 100000

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void serial_write(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		for (unsigned n = 0; n < POLLS_MAX; n++)
			if (inb(COM1_LSR) & LSR_THRE)
				break;
		outb(COM1_DATA, (uint8_t)text[i]);
	}
}

void print(const char *fmt, ...)
{
	char text[PRINT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	size_t len = format_va(text, sizeof(text), fmt, ap);
	va_end(ap);

	if (vmm_console_write(text, len) != VMM_OK)
		serial_write(text, len);
}
