/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calling portal_server.
 */
#include "tests/guest/portal_client.h"

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"

#define STACKS 16
#define STACK_SIZE 8192

static char stack[STACKS][STACK_SIZE] __attribute__((aligned(16)));
static unsigned nr_stacks;

thread_id_t partner(void)
{
	return portal_from_args();
}

void request(uint64_t label, uint64_t first)
{
	L4_Set_MsgTag(msgtag_make(label, 1, 0));
	L4_LoadMR(1, first);
}

uint64_t error_of(L4_MsgTag_t tag)
{
	return msgtag_failed(tag) ? L4_ErrorCode() : 0;
}

uint64_t ask(uint64_t label, uint64_t first, uint64_t *result)
{
	request(label, first);

	uint64_t error = error_of(L4_Call_Timeouts(
		partner(), L4_TimePeriod(LONG_US), L4_TimePeriod(LONG_US)));

	if (error == 0)
		L4_StoreMR(1, result);
	return error;
}

thread_id_t spawn(void (*entry)(void *), void *arg)
{
	if (nr_stacks == STACKS)
		panic("out of stacks");
	return thread_create(entry, arg, stack[nr_stacks++], STACK_SIZE);
}

void pause_us(uint64_t us)
{
	L4_Sleep(L4_TimePeriod(us));
}
