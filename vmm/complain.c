/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/complain.h"

#include <stdarg.h>
#include <stdio.h>

void complain(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "hyperhurd: ");
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
}
