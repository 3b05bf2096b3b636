/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/closeup.c vmm/report/samples.c vmm/report/timeline.c vmm/report/json.c */
/*
 * Which samples are looked at closely, and how much of the time around them.
 */
#include "vmm/report/closeup.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define MS UINT64_C(1000000) /* ticks and nanoseconds */
#define START (10 * MS)

static struct trace_file *file;
static struct trace_stamp stamp[4];

/* A trace of 1 s, in which domain 1 has the only CPU. */
static struct trace_fetch trace(void)
{
	if (!file)
		file = calloc(1, trace_size(1));
	if (!file)
		abort();
	file->nr_rings = 1;
	file->tsc_khz = 1000000;
	file->started_at = START;
	stamp[0].event = (struct trace_event){
		.at = START, .type = TRACE_ENTRY, .domain = 1, .other = 1};
	stamp[1].event = (struct trace_event){
		.at = START + 1000 * MS, .type = TRACE_NOTIFY, .domain = 1};
	return (struct trace_fetch){.file = file, .stamp = stamp, .nr = 2};
}

/* A sample that ends @end after the trace has begun; all in milliseconds. */
static struct sample sample(uint64_t ms, uint64_t end)
{
	return (struct sample){ms * MS, START + end * MS};
}

/* The close-ups of these, without blanks; to be freed. */
static char *text_of(struct sample *sample, unsigned nr)
{
	const struct samples samples = {.sample = sample, .nr = nr};
	const struct trace_fetch f = trace();
	char *text = closeup_text(&samples, &f, 1);
	char *to = text;

	if (!text)
		abort();
	for (const char *from = text; *from; from++)
		if (!strchr(" \t\n", *from))
			*to++ = *from;
	*to = '\0';
	return text;
}

TEST(the_tail_and_the_median_are_shown_with_what_is_around)
{
	struct sample s[] = {sample(10, 100), sample(30, 300), sample(20, 500)};
	char *text = text_of(s, 3);

	CHECK(strstr(text, "{\"of\":\"max\",\"begin_ns\":270000000,"
			   "\"end_ns\":300000000,"
			   "\"timeline\":[[0,235000000,335000000,1,1,0,0]]"));
	CHECK(strstr(text, "{\"of\":\"p50\",\"begin_ns\":480000000,"
			   "\"end_ns\":500000000,"
			   "\"timeline\":[[0,440000000,540000000,1,1,0,0]]"));
	free(text);
}

TEST(a_long_sample_is_shown_as_it_is)
{
	struct sample s[] = {sample(200, 300)};
	char *text = text_of(s, 1);

	CHECK(strstr(text, "[[0,100000000,300000000,1,1,0,0]]"));
	free(text);
}

TEST(nothing_is_shown_from_outside_of_the_trace)
{
	struct sample s[] = {sample(10, 10), sample(10, 1000)};
	char *text = text_of(s, 2);

	CHECK(strstr(text, "[[0,0,55000000,1,1,0,0]]"));
	CHECK(strstr(text, "[[0,945000000,1000000000,1,1,0,0]]"));
	free(text);
}

TEST(samples_that_were_not_traced_are_not_chosen)
{
	struct sample s[] = {
		sample(500, 400), sample(50, 1001), sample(10, 90)};
	char *text = text_of(s, 3);

	CHECK(strstr(text, "\"of\":\"max\",\"begin_ns\":80000000"));
	CHECK(strstr(text, "\"of\":\"p50\",\"begin_ns\":80000000"));
	free(text);
}

TEST(with_enough_samples_the_tail_is_the_99th_percentile)
{
	static struct sample s[CLOSEUP_P99_SAMPLES];
	char *text;

	for (unsigned i = 0; i < CLOSEUP_P99_SAMPLES; i++)
		s[i] = (struct sample){i * 100, START + (i + 1) * MS / 2};
	text = text_of(s, CLOSEUP_P99_SAMPLES - 1);
	CHECK(strstr(text, "\"of\":\"max\",\"begin_ns\":499400200,"
			   "\"end_ns\":499500000"));
	free(text);
	text = text_of(s, CLOSEUP_P99_SAMPLES);
	CHECK(strstr(text, "\"of\":\"p99\",\"begin_ns\":494901100,"
			   "\"end_ns\":495000000"));
	CHECK(strstr(text, "\"of\":\"p50\",\"begin_ns\":249950100,"
			   "\"end_ns\":250000000"));
	free(text);
}

TEST(without_times_the_end_of_the_trace_is_shown)
{
	struct sample s[] = {{.ns = 10 * MS}};
	char *text = text_of(s, 1);

	CHECK(strstr(text, "[{\"of\":\"last\",\"begin_ns\":900000000,"
			   "\"end_ns\":1000000000,"));
	CHECK(!strstr(text, "max"));
	free(text);
	text = text_of(NULL, 0);
	CHECK(strstr(text, "\"of\":\"last\""));
	free(text);
}

TAP_MAIN(CASE(the_tail_and_the_median_are_shown_with_what_is_around),
	CASE(a_long_sample_is_shown_as_it_is),
	CASE(nothing_is_shown_from_outside_of_the_trace),
	CASE(samples_that_were_not_traced_are_not_chosen),
	CASE(with_enough_samples_the_tail_is_the_99th_percentile),
	CASE(without_times_the_end_of_the_trace_is_shown))
