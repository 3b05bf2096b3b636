/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipc-flood: calls a server without end.
 *
 * Arguments: portal=NAME call_us=NUMBER
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/report.h"

#define CALL_US_DEFAULT 200

static void call(thread_id_t portal, uint64_t us)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, us);
	if (msgtag_failed(L4_Call(portal)))
		panic("the server failed: error %lu", L4_ErrorCode());
}

int main(void)
{
	uint64_t us =
		args_number(startup_page()->args, "call_us", CALL_US_DEFAULT);
	thread_id_t portal = portal_from_args();

	call(portal, us);
	workload_begin();
	for (;;)
		call(portal, us);
}
