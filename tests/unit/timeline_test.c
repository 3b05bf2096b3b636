/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/timeline.c vmm/report/json.c vmm/trace/ring.c */
/*
 * From trace events to spans of a time line.
 */
#include "vmm/report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define KHZ 2000000u /* two ticks a nanosecond */
#define START 1000u  /* TSC */

static struct trace_file *file_make(void)
{
	struct trace_file *file = calloc(1, trace_size(1));

	if (!file)
		abort();
	file->nr_domains = 3;
	file->nr_rings = 1;
	file->tsc_khz = KHZ;
	file->started_at = START;
	file->ring[0].cpu = 4;
	return file;
}

static void event(struct trace_file *file, uint64_t ns, enum trace_type type,
	unsigned domain, unsigned other)
{
	trace_at(file->ring, START + 2 * ns, type, domain, other, 0);
}

/* The time line of @file as text without blanks, which the caller frees. */
static char *text_of(struct trace_file *file)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct json json;
	size_t to = 0;

	if (!out)
		abort();
	json_open(&json, out);
	json_begin_object(&json, NULL);
	timeline_write(&json, "t", file);
	json_end(&json);
	CHECK_EQ(json_close(&json), 0);
	fclose(out);
	for (size_t from = 0; from < size; from++)
		if (!strchr(" \t\n", text[from]))
			text[to++] = text[from];
	text[to] = '\0';
	free(file);
	return text;
}

TEST(spans_end_where_the_next_ones_begin)
{
	struct trace_file *file = file_make();

	event(file, 10, TRACE_SCHEDULE, 1, 0);
	event(file, 20, TRACE_SCHEDULE, TRACE_HOST, 0);
	event(file, 30, TRACE_SCHEDULE, TRACE_NOBODY, 0);
	event(file, 45, TRACE_SCHEDULE, 2, 0);

	char *text = text_of(file);

	CHECK(!strcmp(text,
		"{\"t\":[[4,10,20,1,1],[4,20,30,-1,-1],[4,30,45,-2,-2]]}"));
	free(text);
}

TEST(a_server_runs_while_its_caller_pays)
{
	struct trace_file *file = file_make();

	event(file, 10, TRACE_SCHEDULE, 1, 0);
	event(file, 11, TRACE_ENTRY, 1, 1);
	event(file, 20, TRACE_CALL, 1, 2);
	event(file, 20, TRACE_ENTRY, 2, 1);
	event(file, 30, TRACE_ENTRY, 1, 1);
	event(file, 40, TRACE_SCHEDULE, TRACE_NOBODY, 0);

	char *text = text_of(file);

	CHECK(!strcmp(
		text, "{\"t\":[[4,10,20,1,1],[4,20,30,1,2],[4,30,40,1,1]]}"));
	free(text);
}

TEST(what_changes_nothing_makes_no_span)
{
	struct trace_file *file = file_make();

	event(file, 10, TRACE_SCHEDULE, 1, 0);
	for (unsigned i = 0; i < 5; i++) {
		event(file, 11 + i, TRACE_ENTRY, 1, 1);
		event(file, 11 + i, TRACE_EXIT, 1, 0);
		event(file, 11 + i, TRACE_SCHEDULE, 1, 0);
	}
	event(file, 50, TRACE_SCHEDULE, TRACE_NOBODY, 0);

	char *text = text_of(file);

	CHECK(!strcmp(text, "{\"t\":[[4,10,50,1,1]]}"));
	free(text);
}

TEST(an_empty_ring_gives_none)
{
	char *text = text_of(file_make());

	CHECK(!strcmp(text, "{\"t\":[]}"));
	free(text);
}

TEST(there_is_a_limit)
{
	struct trace_file *file = file_make();
	unsigned spans = 0;

	for (unsigned i = 0; i < TIMELINE_SPANS_MAX + 10; i++)
		event(file, 10 + i, TRACE_SCHEDULE, i % 2, 0);

	char *text = text_of(file);

	for (const char *at = text; (at = strstr(at, "[4,")); at++)
		spans++;
	CHECK_EQ(spans, TIMELINE_SPANS_MAX);
	free(text);
}

TAP_MAIN(CASE(spans_end_where_the_next_ones_begin),
	CASE(a_server_runs_while_its_caller_pays),
	CASE(what_changes_nothing_makes_no_span),
	CASE(an_empty_ring_gives_none), CASE(there_is_a_limit))
