/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing samples, and the time around them.
 */
#include "vmm/report/closeup.h"

#include <stdlib.h>

#include "vmm/report/json.h"
#include "vmm/report/timeline.h"

static uint64_t ticks(const struct trace_file *file, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)ns * file->tsc_khz / 1000000);
}

/* All of it was traced. */
static bool is_inside(
	const struct trace_fetch *trace, const struct sample *sample)
{
	return sample->ended_at && trace->nr &&
	       sample_began_at(sample, trace->file->tsc_khz) >=
		       trace->file->started_at &&
	       sample->ended_at <= trace->stamp[trace->nr - 1].event.at;
}

static int compare(const void *left, const void *right)
{
	const struct sample *a = left;
	const struct sample *b = right;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return (a->ended_at > b->ended_at) - (a->ended_at < b->ended_at);
}

/* The samples that were traced, the shortest first; NULL: none, or no memory. */
static struct sample *sort(const struct samples *samples,
	const struct trace_fetch *trace, unsigned *nr)
{
	struct sample *sorted = calloc(samples->nr + 1, sizeof(*sorted));

	*nr = 0;
	for (unsigned i = 0; sorted && i < samples->nr; i++)
		if (is_inside(trace, &samples->sample[i]))
			sorted[(*nr)++] = samples->sample[i];
	if (*nr) {
		qsort(sorted, *nr, sizeof(*sorted), compare);
		return sorted;
	}
	free(sorted);
	return NULL;
}

/* By nearest rank. */
static const struct sample *percentile(
	const struct sample *sorted, unsigned nr, unsigned percent)
{
	return &sorted[((uint64_t)nr * percent + 99) / 100 - 1];
}

/* Its time line begins earlier and ends later if it is short. */
static void put(struct json *json, const char *of,
	const struct trace_fetch *trace, const struct timeline_part *sample,
	unsigned victim)
{
	uint64_t least = ticks(trace->file, CLOSEUP_MS * UINT64_C(1000000));
	uint64_t length = sample->to - sample->from;
	uint64_t more = length < least ? (least - length) / 2 : 0;
	uint64_t earlier = sample->from - trace->file->started_at;
	struct timeline_part around = *sample;

	around.from -= more < earlier ? more : earlier;
	around.to += more;
	if (around.to > trace->stamp[trace->nr - 1].event.at)
		around.to = trace->stamp[trace->nr - 1].event.at;
	json_begin_object(json, NULL);
	json_put_string(json, "of", of);
	json_put_u64(json, "begin_ns", timeline_ns(trace->file, sample->from));
	json_put_u64(json, "end_ns", timeline_ns(trace->file, sample->to));
	timeline_write(json, "timeline", trace, &around);
	timeline_write_calls(json, "calls", trace, sample, victim);
	timeline_write_answers(json, "answers", trace, sample);
	json_end(json);
}

static void put_sample(struct json *json, const char *of,
	const struct trace_fetch *trace, const struct sample *sample,
	unsigned victim)
{
	const struct timeline_part part = {
		.from = sample_began_at(sample, trace->file->tsc_khz),
		.to = sample->ended_at,
	};

	put(json, of, trace, &part, victim);
}

static void put_last(
	struct json *json, const struct trace_fetch *trace, unsigned victim)
{
	uint64_t length = ticks(trace->file, CLOSEUP_MS * UINT64_C(1000000));
	uint64_t start = trace->file->started_at;
	uint64_t end = trace->stamp[trace->nr - 1].event.at;
	const struct timeline_part part = {
		.from = end - start > length ? end - length : start,
		.to = end,
	};

	put(json, "last", trace, &part, victim);
}

static void put_all(struct json *json, const struct samples *samples,
	const struct trace_fetch *trace, unsigned victim)
{
	unsigned nr;
	struct sample *sorted = sort(samples, trace, &nr);

	json_begin_array(json, NULL);
	if (sorted) {
		bool p99 = nr >= CLOSEUP_P99_SAMPLES;

		put_sample(json, p99 ? "p99" : "max", trace,
			percentile(sorted, nr, p99 ? 99 : 100), victim);
		put_sample(
			json, "p50", trace, percentile(sorted, nr, 50), victim);
	} else if (trace->nr && trace->stamp[trace->nr - 1].event.at >
					trace->file->started_at) {
		put_last(json, trace, victim);
	}
	json_end(json);
	free(sorted);
}

char *closeup_text(const struct samples *samples,
	const struct trace_fetch *trace, unsigned victim)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct json json;
	int err;

	if (!out)
		return NULL;
	json_open(&json, out);
	put_all(&json, samples, trace, victim);
	err = json_close(&json);
	if (fclose(out) == 0 && err == 0)
		return text;
	free(text);
	return NULL;
}
