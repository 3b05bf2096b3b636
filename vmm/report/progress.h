/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line on the terminal that says how far a long command is.
 *
 * Owner: vmm/report.  Nothing is written where standard error is no terminal.
 */
#ifndef VMM_REPORT_PROGRESS_H
#define VMM_REPORT_PROGRESS_H

/** progress_begin - what is being done, e.g. "victim beside cpu-hog". */
void progress_begin(const char *what);

/** progress_show - @done of @all. */
void progress_show(unsigned done, unsigned all);

/** progress_end - take the line away. */
void progress_end(void);

#endif
