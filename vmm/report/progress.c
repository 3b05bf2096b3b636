/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress on a terminal.
 */
#include "vmm/report/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERASE_TO_END_OF_LINE "\033[K"

/* A terminal that can erase a line; the appliance's console cannot. */
static bool is_wanted(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void progress_begin(const char *what)
{
	if (is_wanted())
		fprintf(stderr, "\r%s: starting" ERASE_TO_END_OF_LINE, what);
}

void progress_show(unsigned done, unsigned all)
{
	if (is_wanted())
		fprintf(stderr, "\rperiod %u of %u" ERASE_TO_END_OF_LINE, done,
			all);
}

void progress_end(void)
{
	if (is_wanted())
		fputs("\r" ERASE_TO_END_OF_LINE, stderr);
}
