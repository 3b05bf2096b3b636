/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared-server: each request is a number of microseconds to compute.
 *
 * Arguments: portal=NAME.  Request: MR1 = microseconds, at most 200; the reply
 * says in MR1 for how many it computed.
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define COMPUTE_US_MAX 200

int main(void)
{
	struct work_rate rate = work_calibrate(startup_page()->tsc_khz);
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	portal_serve_from_args(L4_MyGlobalId());
	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag)) {
			tag = L4_Wait(&from);
			continue;
		}

		uint64_t us = work_asked_us(tag, COMPUTE_US_MAX);

		work_do(rate, us);
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, us);
		tag = L4_ReplyWait(from, &from);
	}
}
