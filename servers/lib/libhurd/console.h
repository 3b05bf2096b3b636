/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for people: the domain's console.
 */
#ifndef SERVERS_LIB_LIBHURD_CONSOLE_H
#define SERVERS_LIB_LIBHURD_CONSOLE_H

#define PRINT_MAX 480 /* bytes of one call; what is longer is cut */

/**
 * print - write formatted text (servers/lib/libc/format.h) to the console.
 *
 * One exit of the vCPU for the whole text.  Overwrites the message registers.
 */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
