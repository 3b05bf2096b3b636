/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress on a terminal.
 */
#include "vmm/report/progress.h"

#include <stdio.h>
#include <unistd.h>

#define ERASE_TO_END_OF_LINE "\033[K"

void progress_begin(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s: starting" ERASE_TO_END_OF_LINE, what);
}

void progress_show(unsigned done, unsigned all)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rperiod %u of %u" ERASE_TO_END_OF_LINE, done,
			all);
}

void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r" ERASE_TO_END_OF_LINE, stderr);
}
