/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping: calls a portal of another domain and tells what came back, how soon.
 *
 * Arguments: portal=NAME calls=NUMBER
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define WORDS 8
#define CALLS_DEFAULT 5

static uint64_t word(uint64_t call, unsigned i)
{
	return call << 32 | i;
}

/* Whether the reply is the request of call number @call. */
static bool reply_is_right(L4_MsgTag_t tag, uint64_t call)
{
	L4_Msg_t msg;

	if (msgtag_untyped(tag) != WORDS || msgtag_label(tag) != call)
		return false;
	L4_MsgStore(tag, &msg);
	for (unsigned i = 0; i < WORDS; i++)
		if (L4_MsgWord(&msg, i) != word(call, i))
			return false;
	return true;
}

static void ping(thread_id_t portal, uint64_t call, uint64_t tsc_khz)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, call);
	for (unsigned i = 0; i < WORDS; i++)
		L4_MsgAppendWord(&msg, word(call, i));
	L4_MsgLoad(&msg);

	uint64_t start = work_tsc();
	L4_MsgTag_t tag = L4_Call(portal);
	uint64_t ticks = work_tsc() - start;

	if (msgtag_failed(tag))
		panic("call %lu failed: error %lu", call, L4_ErrorCode());
	if (!reply_is_right(tag, call))
		panic("call %lu: the reply is not the request", call);
	print("ping: call %lu: %u words there and back, %lu ticks (%lu us)\n",
		call, WORDS, ticks, ticks * 1000 / tsc_khz);
}

int main(void)
{
	const struct startup *page = startup_page();
	uint64_t calls = args_number(page->args, "calls", CALLS_DEFAULT);
	thread_id_t portal = portal_from_args();

	print("ping: domain %s calls thread %lx in another domain\n",
		page->domain, portal.raw);
	for (uint64_t i = 1; i <= calls; i++)
		ping(portal, i, page->tsc_khz);
	return 0;
}
