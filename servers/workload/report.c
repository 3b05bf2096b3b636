/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ready, samples, chance.
 */
#include "servers/workload/report.h"

#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define NS_PER_MS 1000000u

static uint64_t state;
/* Nanoseconds, and when they ended. */
static uint64_t sample[WORKLOAD_SAMPLES_A_LINE][2];
static unsigned nr_samples;

_Static_assert(WORKLOAD_SAMPLES_A_LINE == 8, "the format of a line");

/*
 * Source: Sebastiano Vigna's splitmix64: any seed, 0 included, does.
 */
uint64_t workload_random(void)
{
	uint64_t z;

	if (state == 0)
		state = args_number(startup_page()->args, "seed", 0);
	state += UINT64_C(0x9e3779b97f4a7c15);
	z = state;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void workload_begin(void)
{
	if (args_number(startup_page()->args, "seed", 0))
		L4_Sleep(L4_TimePeriod(
			workload_random() % (WORKLOAD_PHASE_MAX_US + 1)));
	print("%s: %s\n", program_name(), WORKLOAD_READY);
}

void workload_sample(uint64_t begun)
{
	uint64_t now = work_tsc();

	sample[nr_samples][0] =
		(now - begun) * NS_PER_MS / startup_page()->tsc_khz;
	sample[nr_samples++][1] = now;
	if (nr_samples < WORKLOAD_SAMPLES_A_LINE)
		return;
	print(WORKLOAD_SAMPLE " %lu@%lu %lu@%lu %lu@%lu %lu@%lu %lu@%lu "
			      "%lu@%lu %lu@%lu %lu@%lu\n",
		sample[0][0], sample[0][1], sample[1][0], sample[1][1],
		sample[2][0], sample[2][1], sample[3][0], sample[3][1],
		sample[4][0], sample[4][1], sample[5][0], sample[5][1],
		sample[6][0], sample[6][1], sample[7][0], sample[7][1]);
	nr_samples = 0;
}
