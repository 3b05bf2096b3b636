/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last words of the kernel, and what little it says before: characters to
 * COM1, and the end of the domain when an invariant does not hold.
 */
#ifndef GUESTKERNEL_PANIC_H
#define GUESTKERNEL_PANIC_H

#include <stdint.h>

/** console_putc - write one character to COM1; '\n' is followed by '\r'. */
void console_putc(char c);

/** console_getc - a character from COM1, or -1 if there is none. */
int console_getc(void);

/** console_puts - write a NUL-terminated string to COM1. */
void console_puts(const char *s);

/** console_hex - write a number as 0x and 16 digits. */
void console_hex(uint64_t value);

/**
 * panic - say why and stop the domain.
 * @why:   what is broken
 * @value: the number that shows it
 *
 * Only for invariants of the kernel's own and for boot modules that cannot be
 * started: nothing that a user program does leads here.
 */
_Noreturn void panic(const char *why, uint64_t value);

#endif
