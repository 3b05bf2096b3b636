/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Close-ups of a run: what the trace has of the sample that stands for the tail
 * and of the median one, so that one can see where their difference comes from.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_CLOSEUP_H
#define VMM_REPORT_CLOSEUP_H

#include "vmm/report/samples.h"
#include "vmm/trace/fetch.h"

#define CLOSEUP_MS 100u		  /* of time line around a sample, at least */
#define CLOSEUP_P99_SAMPLES 1000u /* with fewer, the slowest is the tail */

/**
 * closeup_text - close-ups as a JSON array, so that the trace need not be kept.
 * @victim: index of the domain that reported @samples
 *
 * Each has `of`: "max" or, with CLOSEUP_P99_SAMPLES, "p99"; "p50"; or, if no
 * sample says when it ended, "last" for the end of the trace; `begin_ns` and `end_ns` of the sample,
 * `timeline`, `calls` and `answers` as timeline.h has them.  Returns a text that the
 * caller frees, or NULL if there was no memory.
 */
char *closeup_text(const struct samples *samples,
	const struct trace_fetch *trace, unsigned victim);

#endif
