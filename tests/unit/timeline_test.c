/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/timeline.c vmm/report/json.c */
/*
 * From trace events to spans of a time line.
 */
#include "vmm/report/timeline.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define KHZ 2000000u /* two ticks a nanosecond */
#define START 1000u  /* TSC */
#define TSC(ns) (START + 2 * (uint64_t)(ns))
#define CPU 4
#define EVENTS_MAX (TIMELINE_SPANS_MAX + 16)

static struct trace_stamp stamp[EVENTS_MAX];

/* An empty trace of one CPU. */
static struct trace_fetch begin(void)
{
	struct trace_file *file = calloc(1, trace_size(1));

	if (!file)
		abort();
	file->nr_domains = 3;
	file->nr_rings = 1;
	file->tsc_khz = KHZ;
	file->started_at = START;
	file->ring[0].cpu = CPU;
	return (struct trace_fetch){.file = file, .stamp = stamp};
}

static void event(struct trace_fetch *f, uint64_t ns, enum trace_type type,
	unsigned domain, uint32_t other, uint64_t value)
{
	f->stamp[f->nr++] = (struct trace_stamp){
		.event = {TSC(ns), (uint16_t)type, (uint16_t)domain, other,
			value, 0},
		.cpu = CPU,
	};
}

static void schedule(struct trace_fetch *f, uint64_t ns, unsigned domain)
{
	event(f, ns, TRACE_SCHEDULE, domain, 0, 0);
}

typedef void (*write_function)(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part);

static void write_calls_of_1(struct json *json, const char *key,
	const struct trace_fetch *trace, const struct timeline_part *part)
{
	timeline_write_calls(json, key, trace, part, 1);
}

/* What @write makes of that part, without blanks; the caller frees it. */
static char *text_of(struct trace_fetch *f, write_function write,
	uint64_t from_ns, uint64_t to_ns)
{
	const struct timeline_part part = {TSC(from_ns), TSC(to_ns)};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct json json;
	size_t to = 0;

	if (!out)
		abort();
	json_open(&json, out);
	json_begin_object(&json, NULL);
	write(&json, "t", f, &part);
	json_end(&json);
	CHECK_EQ(json_close(&json), 0);
	fclose(out);
	for (size_t from = 0; from < size; from++)
		if (!strchr(" \t\n", text[from]))
			text[to++] = text[from];
	text[to] = '\0';
	free((void *)f->file);
	return text;
}

static void check_text(struct trace_fetch *f, write_function write,
	uint64_t from_ns, uint64_t to_ns, const char *wanted)
{
	char *text = text_of(f, write, from_ns, to_ns);

	CHECK(!strcmp(text, wanted));
	if (strcmp(text, wanted))
		printf("# %s\n# %s\n", text, wanted);
	free(text);
}

TEST(spans_end_where_the_next_ones_begin)
{
	struct trace_fetch f = begin();

	schedule(&f, 10, 1);
	schedule(&f, 20, TRACE_HOST);
	schedule(&f, 30, TRACE_NOBODY);
	schedule(&f, 45, 2);
	check_text(&f, timeline_write, 0, 50,
		"{\"t\":[[4,10,20,1,1,3,0],[4,20,30,-1,-1,0,0],"
		"[4,30,45,-2,-2,0,0],[4,45,50,2,2,3,0]]}");
}

TEST(a_server_runs_while_its_caller_pays)
{
	struct trace_fetch f = begin();

	schedule(&f, 10, 1);
	event(&f, 11, TRACE_ENTRY, 1, 1, 0);
	event(&f, 20, TRACE_EXIT, 1, KVM_EXIT_IO, 0);
	event(&f, 22, TRACE_CALL, 1, 2, 0);
	event(&f, 25, TRACE_ENTRY, 2, 1, 0);
	schedule(&f, 40, TRACE_NOBODY);
	check_text(&f, timeline_write, 0, 40,
		"{\"t\":[[4,10,11,1,1,3,0],[4,11,20,1,1,0,0],"
		"[4,20,25,1,1,1,0],[4,25,40,1,2,0,0]]}");
}

TEST(exits_are_told_apart)
{
	struct trace_fetch f = begin();

	event(&f, 10, TRACE_ENTRY, 1, 1, 0);
	event(&f, 20, TRACE_EXIT, 1, KVM_EXIT_IO, 0);
	event(&f, 21, TRACE_IO_WRITE, 1, 1, 0x3f8);
	event(&f, 30, TRACE_ENTRY, 1, 1, 0);
	event(&f, 40, TRACE_EXIT, 1, KVM_EXIT_IO, EINTR);
	event(&f, 50, TRACE_ENTRY, 1, 1, 0);
	check_text(&f, timeline_write, 0, 60,
		"{\"t\":[[4,10,20,1,1,0,0],[4,20,21,1,1,1,0],"
		"[4,21,30,1,1,2,0],[4,30,40,1,1,0,0],[4,40,50,1,1,3,0],"
		"[4,50,60,1,1,0,0]]}");
}

TEST(slack_is_told_from_budget)
{
	struct trace_fetch f = begin();

	schedule(&f, 10, 1);
	event(&f, 20, TRACE_SCHEDULE, 1, TRACE_IN_SLACK, 0);
	check_text(&f, timeline_write, 0, 30,
		"{\"t\":[[4,10,20,1,1,3,0],[4,20,30,1,1,3,1]]}");
}

/* A domain's own thread has ended its turn; the guest below it goes on. */
TEST(who_is_in_the_guest_goes_on_there)
{
	struct trace_fetch f = begin();

	event(&f, 10, TRACE_ENTRY, 2, 1, 0);
	schedule(&f, 20, 0);
	event(&f, 30, TRACE_SCHEDULE, 1, 0, 2 + 1);
	check_text(&f, timeline_write, 0, 40,
		"{\"t\":[[4,10,20,1,2,0,0],[4,20,30,0,0,3,0],"
		"[4,30,40,1,2,0,0]]}");
}

TEST(what_changes_nothing_makes_no_span)
{
	struct trace_fetch f = begin();

	event(&f, 10, TRACE_ENTRY, 1, 1, 0);
	for (unsigned i = 0; i < 5; i++)
		event(&f, 11 + i, TRACE_NOTIFY, 1, 0, 0);
	check_text(&f, timeline_write, 0, 50, "{\"t\":[[4,10,50,1,1,0,0]]}");
}

TEST(only_the_part_is_shown)
{
	struct trace_fetch f = begin();

	schedule(&f, 10, 1);
	schedule(&f, 20, 2);
	schedule(&f, 30, 0);
	check_text(&f, timeline_write, 15, 25,
		"{\"t\":[[4,15,20,1,1,3,0],[4,20,25,2,2,3,0]]}");
}

TEST(an_empty_trace_gives_none)
{
	struct trace_fetch f = begin();

	check_text(&f, timeline_write, 0, 50, "{\"t\":[]}");
}

TEST(calls_are_matched_by_their_slots)
{
	struct trace_fetch f = begin();

	event(&f, 10, TRACE_CALL, 1, 2, 16);
	event(&f, 12, TRACE_CALL, 0, 2, 16); /* of another one */
	event(&f, 15, TRACE_CALL, 1, 0, 17);
	event(&f, 20, TRACE_REPLY, 0, 1, 17);
	event(&f, 22, TRACE_REPLY, 2, 0, 16);
	event(&f, 30, TRACE_REPLY, 2, 1, 16);
	check_text(
		&f, write_calls_of_1, 0, 50, "{\"t\":[[15,20,0],[10,30,2]]}");
}

TEST(calls_of_the_part_may_begin_before_it_and_not_end)
{
	struct trace_fetch f = begin();

	event(&f, 5, TRACE_CALL, 1, 2, 16);
	event(&f, 10, TRACE_REPLY, 2, 1, 16); /* over by then */
	event(&f, 15, TRACE_CALL, 1, 2, 16);
	event(&f, 30, TRACE_REPLY, 2, 1, 16);
	event(&f, 35, TRACE_CALL, 1, 0, 16);
	event(&f, 60, TRACE_CALL, 1, 2, 17); /* after it */
	check_text(&f, write_calls_of_1, 20, 50,
		"{\"t\":[[15,30,2],[35,null,0]]}");
}

TEST(answers_are_those_of_the_part)
{
	struct trace_fetch f = begin();

	event(&f, 5, TRACE_REPLY, 2, 1, 16);
	event(&f, 20, TRACE_REPLY, 2, 0, 16);
	event(&f, 30, TRACE_REPLY, 0, 1, 17);
	event(&f, 60, TRACE_REPLY, 2, 1, 16);
	check_text(&f, timeline_write_answers, 20, 50,
		"{\"t\":[[20,2,0],[30,0,1]]}");
}

TEST(there_is_a_limit)
{
	struct trace_fetch f = begin();
	unsigned spans = 0;

	for (unsigned i = 0; i < TIMELINE_SPANS_MAX + 10; i++)
		schedule(&f, 10 + i, i % 2);

	char *text = text_of(&f, timeline_write, 0, 10 * TIMELINE_SPANS_MAX);

	for (const char *at = text; (at = strstr(at, "[4,")); at++)
		spans++;
	CHECK_EQ(spans, TIMELINE_SPANS_MAX);
	free(text);
}

TAP_MAIN(CASE(spans_end_where_the_next_ones_begin),
	CASE(a_server_runs_while_its_caller_pays), CASE(exits_are_told_apart),
	CASE(slack_is_told_from_budget),
	CASE(who_is_in_the_guest_goes_on_there),
	CASE(what_changes_nothing_makes_no_span), CASE(only_the_part_is_shown),
	CASE(an_empty_trace_gives_none), CASE(calls_are_matched_by_their_slots),
	CASE(calls_of_the_part_may_begin_before_it_and_not_end),
	CASE(answers_are_those_of_the_part), CASE(there_is_a_limit))
