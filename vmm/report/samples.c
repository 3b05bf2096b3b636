/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of samples.
 */
#include "vmm/report/samples.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024u

static bool add(struct samples *samples, const struct sample *sample)
{
	if (samples->nr == SAMPLES_MAX)
		return false;
	if (samples->nr == samples->room) {
		unsigned room = samples->room ? 2 * samples->room : FIRST_ROOM;
		struct sample *more = reallocarray(
			samples->sample, room, sizeof(*samples->sample));

		if (!more)
			return false;
		samples->sample = more;
		samples->room = room;
	}
	samples->sample[samples->nr++] = *sample;
	return true;
}

/* A decimal number at *@at, which moves behind it; false if there is none. */
static bool number(const char **at, const char *end, uint64_t *value)
{
	const char *c = *at;

	for (*value = 0; c < end && *c >= '0' && *c <= '9'; c++) {
		unsigned digit = (unsigned)(*c - '0');

		if (*value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	if (c == *at)
		return false;
	*at = c;
	return true;
}

/* Likewise a sample, with or without its time. */
static bool parse(const char **at, const char *end, struct sample *sample)
{
	sample->ended_at = 0;
	if (!number(at, end, &sample->ns))
		return false;
	if (*at < end && **at == '@') {
		++*at;
		if (!number(at, end, &sample->ended_at))
			return false;
	}
	return *at == end || **at == ' ';
}

static uint64_t ticks_from(uint64_t ns, uint64_t tsc_khz)
{
	return (uint64_t)((unsigned __int128)ns * tsc_khz / 1000000);
}

uint64_t sample_began_at(const struct sample *sample, uint64_t tsc_khz)
{
	uint64_t length = ticks_from(sample->ns, tsc_khz);

	return sample->ended_at > length ? sample->ended_at - length : 0;
}

static bool is_early(const struct samples *samples, const struct sample *sample)
{
	return sample->ended_at &&
	       sample_began_at(sample, samples->tsc_khz) < samples->not_before;
}

void samples_cut(struct samples *samples, uint64_t begin_ns, uint64_t end_ns)
{
	uint64_t end = ticks_from(end_ns, samples->tsc_khz);
	unsigned kept = 0;

	samples->not_before = ticks_from(begin_ns, samples->tsc_khz);
	for (unsigned i = 0; i < samples->nr; i++) {
		const struct sample *sample = &samples->sample[i];

		if (!is_early(samples, sample) && sample->ended_at <= end)
			samples->sample[kept++] = *sample;
	}
	samples->nr = kept;
}

bool samples_take_line(
	struct samples *samples, const char *line, unsigned length)
{
	const char *end = line + length;
	const char *at =
		memmem(line, length, SAMPLES_LINE, sizeof(SAMPLES_LINE) - 1);
	struct sample sample;

	if (!at)
		return true;
	if (!samples->begun) {
		samples->begun = true;
		return true;
	}
	at += sizeof(SAMPLES_LINE) - 1;
	while (at < end && parse(&at, end, &sample)) {
		if (!is_early(samples, &sample) && !add(samples, &sample))
			return false;
		at += at < end;
	}
	return true;
}

void samples_free(struct samples *samples)
{
	free(samples->sample);
	*samples = (struct samples){0};
}
