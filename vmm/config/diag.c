/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors in configuration files.
 */
#include "vmm/config/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void diag_add(struct diag *diag, struct place place, const char *format, ...)
{
	va_list args;

	if (diag->nr++ >= DIAG_MAX)
		return;

	struct diag_error *error = &diag->error[diag->nr - 1];

	error->place = place;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
}

static void print_clean(const char *text, FILE *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		putc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

/* By file, then line, then the order in which they were found. */
static int compare(const void *left, const void *right)
{
	const struct diag_error *a = left;
	const struct diag_error *b = right;
	int order = strcmp(a->place.file, b->place.file);

	if (!order)
		order = (a->place.line > b->place.line) -
			(a->place.line < b->place.line);
	if (!order)
		order = (a > b) - (a < b);
	return order;
}

void diag_print(struct diag *diag, FILE *out)
{
	unsigned kept = diag->nr < DIAG_MAX ? diag->nr : DIAG_MAX;

	qsort(diag->error, kept, sizeof(diag->error[0]), compare);
	for (unsigned i = 0; i < kept; i++) {
		const struct diag_error *error = &diag->error[i];

		print_clean(error->place.file, out);
		if (error->place.line)
			fprintf(out, ":%d", error->place.line);
		fputs(": ", out);
		print_clean(error->text, out);
		putc('\n', out);
	}
	if (diag->nr > kept)
		fprintf(out, "and %u more errors\n", diag->nr - kept);
}
