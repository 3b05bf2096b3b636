/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last words of the kernel, and what little it says before: characters to
 * COM1, and the end of the domain when an invariant does not hold.
 */
#ifndef GUESTKERNEL_PANIC_H
#define GUESTKERNEL_PANIC_H

#include <stdint.h>

/** console_putc - write one character to COM1; '\n' is followed by '\r'. */
void console_putc(char c) __attribute__((noinline));

/** console_getc - a character from COM1, or -1 if there is none. */
int console_getc(void);

/** console_puts - write a NUL-terminated string to COM1. */
void console_puts(const char *s);

/** console_hex - write a number as 0x and 16 digits. */
void console_hex(uint64_t value);

/**
 * panic - stop the domain; the VMM says why.
 * @reason:       STOP_* of vmm/abi/control.h
 * @value, @rip:  what goes with it
 *
 * Only when the kernel or sigma0 is broken or cannot start: nothing that
 * another program does leads here.
 */
_Noreturn void panic(uint32_t reason, uint64_t value, uint64_t rip)
	__attribute__((noinline));

#endif
