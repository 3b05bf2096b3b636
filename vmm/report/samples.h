/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program reports about itself, in lines on its console:
 *
 *	hyperhurd: sample 9412345@81734465120 9412101
 *
 * Nanoseconds, in decimal, and, if it says so, at which value of the TSC they
 * ended.  So any program can be measured that can print, whatever kind of
 * domain it runs in.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_SAMPLES_H
#define VMM_REPORT_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#define SAMPLES_LINE "hyperhurd: sample "
#define SAMPLES_MAX 200000u /* of one run; further ones are not kept */

struct sample {
	uint64_t ns;
	uint64_t ended_at; /* TSC; 0: it did not say */
};

struct samples {
	uint64_t
		not_before; /* TSC: who began earlier, and says so, is left out */
	uint64_t tsc_khz;
	bool begun; /* the first line has been seen */
	struct sample *sample;
	unsigned nr;
	unsigned room;
};

/** sample_began_at - TSC; 0 if it did not say when it ended. */
uint64_t sample_began_at(const struct sample *sample, uint64_t tsc_khz);

/**
 * samples_take_line - add what a line reports.
 * @line: @length bytes; what stands before SAMPLES_LINE does not matter
 *
 * The first line is not kept: what it reports may have been before, and so may
 * be what further lines report that were on their way.  A number that is none, or does not fit 64 bits, ends the line.  Returns
 * false if there was no memory or no room.
 */
bool samples_take_line(
	struct samples *samples, const char *line, unsigned length);

/**
 * samples_cut - leave out who began before, or ended after, and says so.
 * @begin_ns, @end_ns: nanoseconds since the TSC was 0
 */
void samples_cut(struct samples *samples, uint64_t begin_ns, uint64_t end_ns);

/** samples_free - give the memory back; @samples may be all zero. */
void samples_free(struct samples *samples);

#endif
