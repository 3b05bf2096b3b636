/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A time line of scheduling: for each CPU, whose vCPU ran when, doing what, and
 * who paid.
 *
 * Owner: vmm/report.  Made from a trace, by leaving out all that does not
 * change the answer.
 */
#ifndef VMM_REPORT_TIMELINE_H
#define VMM_REPORT_TIMELINE_H

#include <stdint.h>

#include "vmm/report/json.h"
#include "vmm/trace/fetch.h"

#define TIMELINE_SPANS_MAX 20000u /* of one CPU; the rest is left out */

/* A part of a trace, in ticks of the TSC. */
struct timeline_part {
	uint64_t from;
	uint64_t to;
};

/**
 * timeline_ns - nanoseconds from the beginning of the trace to @tsc; 0 for what
 * was before.
 */
uint64_t timeline_ns(const struct trace_file *file, uint64_t tsc);

/**
 * timeline_write - an array of spans, as a member of the open object.
 *
 * A span is [CPU, begin, end, who pays, whose vCPU runs, doing what, in slack];
 * times are in nanoseconds from the beginning of the trace, domains their
 * indices, -1 the host and -2 nobody; slack is 0 or 1.  A vCPU counts as running
 * from its entry until another one's entry or a scheduling decision for another
 * context.  What it does: 0 is in the guest; else the VMM is at work, 1 by what
 * its kernel asked for, 2 by an access to a device, 3 for other reasons,
 * decisions among them.
 */
void timeline_write(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part);

/**
 * timeline_write_calls - likewise an array of the calls that domain @caller
 * had outstanding in @part.
 *
 * A call is [begin, end, server]; end is null if the trace ends before.
 */
void timeline_write_calls(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part,
	unsigned caller);

/**
 * timeline_write_answers - likewise an array of what servers answered in @part:
 * [when, server, caller].
 */
void timeline_write_answers(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part);

#endif
