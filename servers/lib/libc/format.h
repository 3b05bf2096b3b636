/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formatted text into a buffer: the part of printf that servers need.
 */
#ifndef SERVERS_LIB_LIBC_FORMAT_H
#define SERVERS_LIB_LIBC_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * format_va - write formatted text, terminated, cut if it does not fit.
 * @size: bytes of @buf, at least 1
 * @fmt:  %s %c %d %u %x %% with flags '0' and '-', a width, and 'l'; what else
 *        stands behind a % is written as it is
 *
 * Returns the bytes written, without the terminator.
 */
size_t format_va(char *buf, size_t size, const char *fmt, va_list ap);

/** format - as format_va. */
size_t format(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
