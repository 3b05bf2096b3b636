/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace's ring and what is written from it.
 */
/* link: vmm/trace/ring.c vmm/trace/write.c vmm/report/json.c vmm/clock.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/trace/trace.h"

static struct trace_ring ring;
static struct trace_event out[TRACE_EVENTS + 8];

static void fill(uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		trace_add(&ring, &(struct trace_event){.at = i});
}

TEST(events_come_out_in_order)
{
	uint64_t next = 0;
	uint64_t lost = 0;

	memset(&ring, 0, sizeof(ring));
	fill(0, 10);
	CHECK_EQ(trace_read(&ring, &next, out, 4, &lost), 4);
	CHECK_EQ(trace_read(&ring, &next, out + 4, 100, &lost), 6);
	CHECK_EQ(trace_read(&ring, &next, out, 100, &lost), 0);
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(out[i].at, i);
	CHECK_EQ(lost, 0);
}

TEST(overwritten_events_are_counted)
{
	uint64_t next = 0;
	uint64_t lost = 0;
	unsigned nr;

	memset(&ring, 0, sizeof(ring));
	fill(0, TRACE_EVENTS + 100);
	nr = trace_read(&ring, &next, out, TRACE_EVENTS + 8, &lost);
	CHECK_EQ(nr + lost, TRACE_EVENTS + 100);
	CHECK_EQ(out[0].at, lost);
	CHECK_EQ(out[nr - 1].at, TRACE_EVENTS + 99);
}

TEST(trace_point_is_silent_while_tracing_is_off)
{
	memset(&ring, 0, sizeof(ring));
	trace_point(NULL, TRACE_FAULT, 1, 0, 0);
	CHECK_EQ(ring.nr, 0);
	trace_point(&ring, TRACE_FAULT, 1, 2, 3);
	CHECK_EQ(ring.nr, 1);
	CHECK_EQ(ring.event[0].type, TRACE_FAULT);
	CHECK_EQ(ring.event[0].value, 3);
}

/* What trace_write makes of these, to be freed. */
static char *written(const struct trace_event *event, unsigned nr)
{
	struct trace_file *file = calloc(1, trace_size(1));
	struct trace_stamp stamp[8] = {0};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	file->nr_rings = 1;
	file->nr_domains = 2;
	file->started_at = 1000;
	strcpy(file->name[0], "client");
	strcpy(file->name[1], "a \"b\"");
	for (unsigned i = 0; i < nr; i++)
		stamp[i].event = event[i];
	clock_setup(1000000);
	CHECK_EQ(trace_write(stream, file, stamp, nr, 5), 0);
	fclose(stream);
	free(file);
	return text;
}

TEST(slices_begin_and_end)
{
	const struct trace_event event[] = {
		{1000, TRACE_SCHEDULE, 0, 0, 0, 0},
		{1500, TRACE_ENTRY, 0, 0, 0, 0},
		{2500, TRACE_EXIT, 0, 2, 0, 0},
		{2600, TRACE_SCHEDULE, 0, 0, 0, 0}, /* goes on */
		{3000, TRACE_SCHEDULE, TRACE_NOBODY, 0, 0, 0},
	};
	char *text = written(event, 5);

	CHECK(strstr(text, "\"lost\": 5"));
	CHECK(strstr(text, "{\"ph\":\"B\",\"ts\":0.000,\"pid\":1,\"tid\":0,"
			   "\"name\":\"client\""));
	CHECK(strstr(text, "{\"ph\":\"B\",\"ts\":0.500,\"pid\":2"));
	CHECK(strstr(text, "{\"ph\":\"E\",\"ts\":1.500,\"pid\":2,\"tid\":0,"
			   "\"args\":{\"reason\":\"port\",\"error\":0}}"));
	CHECK(!strstr(text, "\"ts\":1.600"));
	CHECK(strstr(text, "{\"ph\":\"E\",\"ts\":2.000,\"pid\":1,\"tid\":0}"));
	CHECK(strstr(text, "\"name\":\"idle\""));
	free(text);
}

TEST(interrupted_entry_is_a_preemption)
{
	const struct trace_event event[] = {
		{1500, TRACE_ENTRY, 0, 0, 0, 0},
		{2500, TRACE_EXIT, 0, UINT32_MAX, EINTR, 0},
	};
	char *text = written(event, 2);

	CHECK(strstr(text, "\"reason\":\"preempted\""));
	free(text);
}

TEST(exit_without_entry_is_left_out)
{
	const struct trace_event event[] = {{1200, TRACE_EXIT, 1, 2, 0, 0}};
	char *text = written(event, 1);

	CHECK(!strstr(text, "\"ph\":\"E\""));
	free(text);
}

TEST(names_and_torn_events_do_not_break_the_text)
{
	const struct trace_event event[] = {
		{1200, TRACE_CALL, 0, 1, 3, 0},
		{1300, 999, 0, 0, 0, 0},
		{1400, TRACE_ENTRY, 4711, 0, 0, 0},
	};
	char *text = written(event, 3);

	CHECK(strstr(text, "\"name\":\"call\",\"cat\":\"ipc\",\"args\":{"
			   "\"value\":3,\"partner\":\"a ?b?\"}"));
	CHECK(!strstr(text, "\"ts\":0.300"));
	CHECK(!strstr(text, "\"ts\":0.400"));
	free(text);
}

TEST(threads_of_a_guest_have_tracks)
{
	const struct trace_event event[] = {
		{1200, TRACE_MESSAGE, 1, 58, 59, UINT64_C(7) << 16 | 3},
		{1300, TRACE_MESSAGE, 1, 59, 60, UINT64_C(0xffffffffffe40002)},
		{1400, TRACE_LONG_MESSAGE, 1, 5, 58, UINT64_C(12) << 16},
		{1500, TRACE_PAGE_FAULT, 1, 59, 4096, 0},
		{1600, TRACE_UNMAP, 1, 58, 0, 0},
		{1700, TRACE_SWITCH, 1, 58, 59, 0},
	};
	char *text = written(event, 6);

	CHECK(strstr(text, "{\"name\":\"Threads of a ?b?\"}"));
	CHECK(!strstr(text, "Threads of client"));
	CHECK(strstr(text,
		"\"pid\":4,\"tid\":58,\"s\":\"t\",\"name\":\"message\","
		"\"cat\":\"guest\",\"args\":{\"from\":58,\"to\":59,"
		"\"path\":\"short\",\"label\":7}"));
	CHECK(strstr(text, "\"label\":-28}"));
	CHECK(strstr(text, "\"name\":\"notification\",\"cat\":\"guest\","
			   "\"args\":{\"from\":5,\"to\":58,\"path\":\"long\","
			   "\"label\":12}"));
	CHECK(strstr(text, "\"name\":\"page fault\",\"cat\":\"guest\","
			   "\"args\":{\"address\":4096}"));
	CHECK(strstr(text, "\"name\":\"unmap\",\"cat\":\"guest\",\"args\":{}"));
	CHECK(strstr(text, "\"name\":\"thread\",\"cat\":\"guest\",\"args\":{"
			   "\"to\":59}"));
	free(text);
}

static const struct tap_case cases[] = {CASE(events_come_out_in_order),
	CASE(overwritten_events_are_counted),
	CASE(trace_point_is_silent_while_tracing_is_off),
	CASE(slices_begin_and_end), CASE(interrupted_entry_is_a_preemption),
	CASE(exit_without_entry_is_left_out),
	CASE(names_and_torn_events_do_not_break_the_text),
	CASE(threads_of_a_guest_have_tracks)};

int main(void)
{
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
