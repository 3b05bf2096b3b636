/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From trace events to spans.
 */
#include "vmm/report/timeline.h"

#include <inttypes.h>
#include <linux/kvm.h>

#define HOST (-1)
#define NOBODY (-2)
#define SPAN_TEXT 128
#define CALLS_MAX 64u /* of one domain at a time; further ones are left out */

enum doing {
	IN_GUEST,
	ACTIONS,
	DEVICES,
	OTHER,
};

struct state {
	int payer;
	int runner;
	enum doing doing;
	bool slack;
};

struct cursor {
	uint64_t since; /* TSC */
	struct state state;
	unsigned nr;
};

/* A call that has not ended. */
struct open_call {
	uint64_t begin; /* TSC; 0: none */
	uint64_t slot;
	unsigned server;
};

static int who(uint32_t domain)
{
	return domain == TRACE_HOST	      ? HOST
	       : domain >= LAUNCH_DOMAINS_MAX ? NOBODY
					      : (int)domain;
}

uint64_t timeline_ns(const struct trace_file *file, uint64_t tsc)
{
	uint64_t ticks = tsc > file->started_at ? tsc - file->started_at : 0;

	return (uint64_t)((unsigned __int128)ticks * 1000000 /
			  (file->tsc_khz ? file->tsc_khz : 1));
}

/* As much of it as lies in @part. */
static void put_span(struct json *json, const struct trace_fetch *trace,
	const struct timeline_part *part, unsigned cpu, struct cursor *c,
	uint64_t end)
{
	uint64_t from = c->since > part->from ? c->since : part->from;
	uint64_t to = end < part->to ? end : part->to;
	const struct state *s = &c->state;
	char text[SPAN_TEXT];

	if (!c->since || from >= to || ++c->nr > TIMELINE_SPANS_MAX)
		return;
	snprintf(text, sizeof(text), "[%u,%" PRIu64 ",%" PRIu64 ",%d,%d,%d,%d]",
		cpu, timeline_ns(trace->file, from),
		timeline_ns(trace->file, to), s->payer, s->runner,
		(int)s->doing, s->slack);
	json_put_json(json, NULL, text);
}

static void decided(const struct trace_event *event, struct state *s)
{
	int payer = who(event->domain);

	if (payer != s->payer)
		s->runner = payer;
	s->payer = payer;
	s->doing = payer < 0 ? IN_GUEST : OTHER;
	s->slack = event->other == TRACE_IN_SLACK;
	if (event->value) {
		s->runner = who((uint32_t)event->value - 1);
		s->doing = IN_GUEST;
	}
}

/* What @event makes of the state. */
static struct state change(const struct trace_event *event, struct state s)
{
	switch (event->type) {
	case TRACE_SCHEDULE:
		decided(event, &s);
		break;
	case TRACE_ENTRY:
		s.payer = who(event->other);
		s.runner = who(event->domain);
		s.doing = IN_GUEST;
		break;
	case TRACE_EXIT:
		s.doing = event->other == KVM_EXIT_IO && !event->value ? ACTIONS
								       : OTHER;
		break;
	case TRACE_IO_READ:
	case TRACE_IO_WRITE:
		s.doing = DEVICES;
		break;
	default:
		break;
	}
	return s;
}

static bool same(const struct state *a, const struct state *b)
{
	return a->payer == b->payer && a->runner == b->runner &&
	       a->doing == b->doing && a->slack == b->slack;
}

static void write_cpu(struct json *json, const struct trace_fetch *trace,
	const struct timeline_part *part, unsigned cpu)
{
	struct cursor now = {.state = {.payer = NOBODY, .runner = NOBODY}};

	for (unsigned i = 0; i < trace->nr; i++) {
		const struct trace_event *event = &trace->stamp[i].event;

		if (trace->stamp[i].cpu != cpu)
			continue;

		struct state then = change(event, now.state);

		if (now.since && same(&then, &now.state))
			continue;
		put_span(json, trace, part, cpu, &now, event->at);
		now.state = then;
		now.since = event->at;
	}
	put_span(json, trace, part, cpu, &now, part->to);
}

void timeline_write(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part)
{
	json_begin_array(json, key);
	for (unsigned i = 0; i < trace->file->nr_rings; i++)
		write_cpu(json, trace, part, trace->file->ring[i].cpu);
	json_end(json);
}

/* Calls. ------------------------------------------------------------------- */

static void put_call(struct json *json, const struct trace_file *file,
	const struct open_call *c, uint64_t end)
{
	char ended[24] = "null";
	char text[SPAN_TEXT];

	if (end)
		snprintf(ended, sizeof(ended), "%" PRIu64,
			timeline_ns(file, end));
	snprintf(text, sizeof(text), "[%" PRIu64 ",%s,%u]",
		timeline_ns(file, c->begin), ended, c->server);
	json_put_json(json, NULL, text);
}

/* The open call of @slot, or a free record if there is none; or NULL. */
static struct open_call *find(struct open_call *open, uint64_t slot)
{
	struct open_call *free = NULL;

	for (unsigned i = 0; i < CALLS_MAX; i++) {
		if (open[i].begin && open[i].slot == slot)
			return &open[i];
		if (!open[i].begin && !free)
			free = &open[i];
	}
	return free;
}

/* @event is of a call that @c is, or is to be. */
static void follow_call(struct json *json, const struct trace_fetch *trace,
	const struct timeline_part *part, const struct trace_event *event,
	struct open_call *c)
{
	if (event->type == TRACE_CALL) {
		*c = (struct open_call){.begin = event->at,
			.slot = event->value,
			.server = event->other};
	} else if (c->begin) {
		if (event->at > part->from)
			put_call(json, trace->file, c, event->at);
		c->begin = 0;
	}
}

void timeline_write_calls(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part,
	unsigned caller)
{
	struct open_call open[CALLS_MAX] = {0};

	json_begin_array(json, key);
	for (unsigned i = 0; i < trace->nr; i++) {
		const struct trace_event *event = &trace->stamp[i].event;
		bool begins = event->type == TRACE_CALL &&
			      event->domain == caller && event->at < part->to;
		bool ends =
			event->type == TRACE_REPLY && event->other == caller;
		struct open_call *c =
			begins || ends ? find(open, event->value) : NULL;

		if (c)
			follow_call(json, trace, part, event, c);
	}
	for (unsigned i = 0; i < CALLS_MAX; i++)
		if (open[i].begin)
			put_call(json, trace->file, &open[i], 0);
	json_end(json);
}

void timeline_write_answers(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part)
{
	char text[SPAN_TEXT];

	json_begin_array(json, key);
	for (unsigned i = 0; i < trace->nr; i++) {
		const struct trace_event *event = &trace->stamp[i].event;

		if (event->type != TRACE_REPLY || event->at < part->from ||
			event->at > part->to)
			continue;
		snprintf(text, sizeof(text), "[%" PRIu64 ",%u,%" PRIu32 "]",
			timeline_ns(trace->file, event->at), event->domain,
			event->other);
		json_put_json(json, NULL, text);
	}
	json_end(json);
}
