/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The partner of handoff-client: answers with an empty message, or with the
 * number of its domain's exits.
 *
 * Arguments: portal=NAME
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/bench/bench.h"

static char buffer[BENCH_STRING] __attribute__((aligned(BENCH_STRING)));

static void reply_exits(void)
{
	struct vmm_stat stat;

	(void)vmm_stat(&stat);
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, stat.exits);
}

int main(void)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	L4_LoadBR(1, item_string_word(sizeof(buffer)));
	L4_LoadBR(2, (uint64_t)buffer);
	L4_Accept(ACCEPT_STRINGS);
	portal_serve_from_args(L4_MyGlobalId());
	tag = L4_Wait(&from);
	for (;;) {
		if (msgtag_failed(tag)) {
			tag = L4_Wait(&from);
			continue;
		}
		if (msgtag_label(tag) == BENCH_EXITS)
			reply_exits();
		else
			L4_Set_MsgTag(MSGTAG_EMPTY);
		tag = L4_ReplyWait(from, &from);
	}
}
