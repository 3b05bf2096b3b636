/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decoder: computes for each frame as long as the request says, then has a
 * display server show it, and answers.
 *
 * Arguments: portal=NAME (its own) display=NAME show_us=NUMBER.  Request: MR1 =
 * microseconds, at most 20000; the reply says in MR1 for how many it computed.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define DECODE_US_MAX 20000
#define SHOW_US_DEFAULT 200

/* A display that is gone shows nothing; the frame is decoded all the same. */
static void show(thread_id_t display, uint64_t us)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, us);
	(void)L4_Call(display);
}

int main(void)
{
	struct work_rate rate = work_calibrate(startup_page()->tsc_khz);
	thread_id_t display = partner_from_args("display");
	uint64_t show_us =
		args_number(startup_page()->args, "show_us", SHOW_US_DEFAULT);
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	portal_serve_from_args(L4_MyGlobalId());
	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag)) {
			tag = L4_Wait(&from);
			continue;
		}

		uint64_t us = work_asked_us(tag, DECODE_US_MAX);

		work_do(rate, us);
		show(display, show_us);
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, us);
		tag = L4_ReplyWait(from, &from);
	}
}
