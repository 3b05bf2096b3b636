/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard output and standard error of a run, which somebody reads, or
 * nobody: whoever writes there waits a little, then gives lines up.
 */
#ifndef VMM_STREAM_H
#define VMM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#define STREAM_PATIENCE_MS 5000
#define STREAM_LINE_MAX 1024u /* less than what a pipe takes at once */

struct stream {
	int fd;
	bool deaf; /* its reader stood still when last asked */
};

/**
 * stream_write - write a line by one write, so that nothing splits it.
 * @stream: two streams may be the same pipe
 * @line:   @length bytes, up to STREAM_LINE_MAX, with the newline
 *
 * Waits STREAM_PATIENCE_MS for the reader, not at all if that was in vain the
 * time before.  Not for executors.
 *
 * Returns false if the line is lost for that reason.  A stream that is closed,
 * or that fails, takes everything.
 */
bool stream_write(struct stream *stream, const char *line, size_t length);

#endif
