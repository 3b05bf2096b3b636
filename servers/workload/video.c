/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * video: has one frame decoded and shown in every period of the domain's
 * reservation.  Frames come in groups as encoders make them: one that stands
 * alone, which costs most, then ones that need others; each a little different.
 * Its samples are how long after the release a frame is on display.
 *
 * Arguments: portal=NAME (of the decoder) frame_us=NUMBER seed=NUMBER
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/release.h"
#include "servers/workload/report.h"

#define FRAME_US_DEFAULT 4000
#define GROUP 12     /* frames */
#define VARIES_BY 10 /* percent of a frame's cost, at most */

/* Percent of the mean, by position in the group: I, then B and P frames. */
static const uint8_t cost[GROUP] = {
	150, 80, 80, 120, 80, 80, 120, 80, 80, 120, 80, 80};

static uint64_t frame_us(uint64_t n, uint64_t mean)
{
	uint64_t us = mean * cost[n % GROUP] / 100;

	return us + us * (workload_random() % (VARIES_BY + 1)) / 100;
}

static void frame_show(thread_id_t decoder, uint64_t us)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, us);
	if (msgtag_failed(L4_Call(decoder)))
		panic("the decoder failed: error %lu", L4_ErrorCode());
}

int main(void)
{
	uint64_t mean =
		args_number(startup_page()->args, "frame_us", FRAME_US_DEFAULT);
	thread_id_t decoder = portal_from_args();
	struct release release;

	frame_show(decoder, 0);
	release_begin(&release);
	workload_begin();
	for (uint64_t n = 0;; n++) {
		uint64_t released = release_wait(&release);

		frame_show(decoder, frame_us(n, mean));
		workload_sample(released);
	}
}
