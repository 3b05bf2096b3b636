/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of a running system, fetched from its rings before they are
 * overwritten, and kept.
 *
 * Owner: vmm/trace.  Users: the commands that trace.
 */
#ifndef VMM_TRACE_FETCH_H
#define VMM_TRACE_FETCH_H

#include <stdint.h>

#include "vmm/launch.h"
#include "vmm/trace/trace.h"

#define FETCH_EVENTS_MAX (1u << 21) /* kept; the rest counts as lost */

struct trace_fetch {
	const struct trace_file *file; /* NULL: not open */
	uint64_t next[LAUNCH_CPUS_MAX];
	uint64_t lost;
	unsigned nr;
	struct trace_stamp *stamp; /* of each ring in order; FETCH_EVENTS_MAX */
};

/**
 * trace_fetch_open - begin with what is in the rings.
 * @pid:      of the system's process
 * @trace_fd: as it answered CONTROL_TRACE_START
 *
 * Returns 0, -EIO if the rings cannot be reached or are of another version, or
 * -ENOMEM.  On success the caller owns @f: trace_fetch_close().
 */
__attribute__((warn_unused_result)) int trace_fetch_open(
	struct trace_fetch *f, uint32_t pid, uint32_t trace_fd);

/** trace_fetch - take what has happened since the last time. */
void trace_fetch(struct trace_fetch *f);

/**
 * trace_stop - the system is to trace no longer; returns when it does not, or
 * is gone.
 * @connection: over which the trace was asked for; is closed
 */
void trace_stop(int connection);

/** trace_fetch_close - give all back; @f may be all zero. */
void trace_fetch_close(struct trace_fetch *f);

#endif
