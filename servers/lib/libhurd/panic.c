/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a program that cannot go on.
 */
#include <stdarg.h>

#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/task.h"

#define REASON_MAX 256

void panic(const char *fmt, ...)
{
	char reason[REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	format_va(reason, sizeof(reason), fmt, ap);
	va_end(ap);

	print("%s: %s\n", program_name(), reason);
	task_exit(1);
}
