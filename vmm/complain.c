/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/complain.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "vmm/stream.h"

#define PREFIX "hyperhurd: "

static struct stream errors = {.fd = STDERR_FILENO};
static unsigned lost; /* lines */

static bool say(const char *text)
{
	char line[STREAM_LINE_MAX];
	int n = snprintf(line, sizeof(line), PREFIX "%s\n", text);

	return stream_write(&errors, line, (size_t)n);
}

void complain(const char *format, ...)
{
	char text[STREAM_LINE_MAX - sizeof(PREFIX "\n")];
	char note[64];
	va_list ap;

	snprintf(note, sizeof(note), "[%u lines lost]", lost);
	if (lost && say(note))
		lost = 0;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!say(text))
		lost++;
}
