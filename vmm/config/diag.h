/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors in configuration files: collected, then printed in the files' order,
 * one line each: "file:line: what is wrong; what would be right".
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_DIAG_H
#define VMM_CONFIG_DIAG_H

#include <stdio.h>

#define DIAG_MAX 64 /* errors kept; further ones are counted */
#define DIAG_TEXT_MAX 512

/* Where in the configuration something stands. */
struct place {
	const char *file; /* as the user knows it; outlives the diag */
	int line;	  /* from 1; 0: the file as a whole */
};

struct diag_error {
	struct place place;
	char text[DIAG_TEXT_MAX];
};

struct diag {
	unsigned nr; /* errors seen, kept or not */
	struct diag_error error[DIAG_MAX];
};

/** diag_add - note an error at @place; the text has no newline. */
__attribute__((format(printf, 3, 4))) void diag_add(
	struct diag *diag, struct place place, const char *format, ...);

/**
 * diag_print - print everything, sorted by file and line.
 *
 * Bytes of the user's files that a terminal could obey come out as '?'.
 */
void diag_print(struct diag *diag, FILE *out);

#endif
