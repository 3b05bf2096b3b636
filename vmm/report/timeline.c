/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From trace events to spans.
 */
#include "vmm/report/timeline.h"

#include <inttypes.h>

#define HOST (-1)
#define NOBODY (-2)
#define SPAN_TEXT 96

struct cursor {
	uint64_t since; /* TSC */
	int payer;
	int runner;
	unsigned nr;
};

static int who(uint32_t domain)
{
	return domain == TRACE_HOST	      ? HOST
	       : domain >= LAUNCH_DOMAINS_MAX ? NOBODY
					      : (int)domain;
}

static uint64_t ns(const struct trace_file *file, uint64_t tsc)
{
	uint64_t ticks = tsc > file->started_at ? tsc - file->started_at : 0;

	return (uint64_t)((unsigned __int128)ticks * 1000000 /
			  (file->tsc_khz ? file->tsc_khz : 1));
}

static void put_span(struct json *json, const struct trace_file *file,
	const struct trace_ring *ring, const struct cursor *c, uint64_t end)
{
	char text[SPAN_TEXT];

	snprintf(text, sizeof(text), "[%u,%" PRIu64 ",%" PRIu64 ",%d,%d]",
		ring->cpu, ns(file, c->since), ns(file, end), c->payer,
		c->runner);
	json_put_json(json, NULL, text);
}

/* What @event makes of the state; false if it does not change it. */
static bool change(const struct trace_event *event, struct cursor *next)
{
	int payer = next->payer;
	int runner = next->runner;

	if (event->type == TRACE_SCHEDULE) {
		next->payer = who(event->domain);
		if (next->payer != payer)
			next->runner = next->payer;
	} else if (event->type == TRACE_ENTRY) {
		next->payer = who(event->other);
		next->runner = who(event->domain);
	}
	return next->payer != payer || next->runner != runner;
}

static void write_ring(struct json *json, const struct trace_file *file,
	const struct trace_ring *ring)
{
	struct cursor now = {.payer = NOBODY, .runner = NOBODY};
	uint64_t next = 0;
	uint64_t lost = 0;
	struct trace_event event;

	while (trace_read(ring, &next, &event, 1, &lost) == 1) {
		struct cursor then = now;

		if (!change(&event, &then))
			continue;
		if (now.since && ++then.nr <= TIMELINE_SPANS_MAX)
			put_span(json, file, ring, &now, event.at);
		now = then;
		now.since = event.at;
	}
}

void timeline_write(
	struct json *json, const char *key, const struct trace_file *file)
{
	json_begin_array(json, key);
	for (unsigned i = 0; i < file->nr_rings; i++)
		write_ring(json, file, &file->ring[i]);
	json_end(json);
}
