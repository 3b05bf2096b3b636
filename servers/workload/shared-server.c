/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared-server: each request is a number of microseconds to compute.
 *
 * It has two threads.  Requests of other domains come to the second one; the
 * first, which goes before it, has the clients in its own domain, and what comes
 * through the portal while the second is in the middle of something.
 *
 * Arguments: portal=NAME.  Request: MR1 = microseconds, at most 200; the reply
 * says in MR1 for how many it computed.
 */
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define COMPUTE_US_MAX 200
#define STACK_SIZE 1024

static uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));
static struct work_rate rate;

static void serve(void *unused)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)unused;
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

int main(void)
{
	thread_id_t second;

	rate = work_calibrate(startup_page()->tsc_khz);
	second = thread_create(serve, NULL, stack, sizeof(stack));
	if (thread_id_is_nil(second) ||
		thread_set_priority(second, PRIORITY_DEFAULT - 1) != 0)
		panic("no second thread");
	portal_serve_from_args(second);
	portal_relieve_from_args(L4_MyGlobalId());
	serve(NULL);
	return 0;
}
