/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that a command writes because it was asked to.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_OUTFILE_H
#define VMM_REPORT_OUTFILE_H

#include <stdio.h>

/**
 * outfile_create - open a file for writing, with the folders it lies in.
 *
 * Returns NULL after having said on standard error why not.
 */
FILE *outfile_create(const char *file);

/**
 * outfile_close - close it.
 * @err: what went wrong while it was written, or 0
 *
 * Returns 0, or an error that has been said on standard error.
 */
__attribute__((warn_unused_result)) int outfile_close(
	FILE *out, const char *file, int err);

#endif
