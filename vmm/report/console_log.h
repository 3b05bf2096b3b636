/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that a running system prints: kept in a log, and watched for those
 * that say that a domain is ready, or report samples.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_CONSOLE_LOG_H
#define VMM_REPORT_CONSOLE_LOG_H

#include "vmm/report/samples.h"

#define CONSOLE_LOG_READY "hyperhurd: ready"
#define CONSOLE_LOG_LINE_MAX 512

struct console_log {
	int fd;
	int log_fd;
	unsigned nr_ready; /* lines so far that end in CONSOLE_LOG_READY */
	struct samples *samples; /* where they go from now on; NULL: nowhere */
	unsigned length;
	char line[CONSOLE_LOG_LINE_MAX]; /* the beginning of a line */
};

/** console_log_open - watch @fd, owned from now on; copy to @log_fd. */
void console_log_open(struct console_log *log, int fd, int log_fd);

/**
 * console_log_take - wait for output and take what is there.
 *
 * Returns 0, or -ECHILD at the end of the output.
 */
int console_log_take(struct console_log *log, int timeout_ms);

void console_log_close(struct console_log *log);

#endif
