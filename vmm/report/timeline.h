/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A time line of scheduling: for each CPU, whose vCPU ran when, and who paid.
 *
 * Owner: vmm/report.  Made from a trace, by leaving out all that does not
 * change the answer.
 */
#ifndef VMM_REPORT_TIMELINE_H
#define VMM_REPORT_TIMELINE_H

#include <stdint.h>

#include "vmm/report/json.h"
#include "vmm/trace/trace.h"

#define TIMELINE_SPANS_MAX 20000u /* of one CPU; the rest is left out */

/**
 * timeline_write - an array of spans, as a member of the open object.
 *
 * A span is [CPU, begin, end, who pays, whose vCPU runs]; times are in
 * nanoseconds from the beginning of the trace, domains their indices, -1 the
 * host and -2 nobody.  A vCPU counts as running from its entry until another
 * one's entry or a scheduling decision for another context.
 */
void timeline_write(
	struct json *json, const char *key, const struct trace_file *file);

#endif
