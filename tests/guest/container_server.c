/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container_server: maps a container that another domain shares with it.
 *
 * Arguments: portal=NAME
 */
#include "tests/guest/container_server.h"

#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

#define HERE WINDOW_GPA

static uint64_t serve(uint64_t label, uint64_t first, uint64_t second)
{
	volatile uint64_t *word = (volatile uint64_t *)HERE;

	switch (label) {
	case SHARED_MAP:
		return container_map(first, 0, 1, second, HERE, NULL);
	case SHARED_PEEK:
		return *word;
	case SHARED_POKE:
		*word = first;
		return 0;
	case SHARED_UNMAP:
		return container_unmap(HERE, 1);
	case SHARED_ALLOCATE:
		return container_allocate(first, 8, 1, 0);
	case SHARED_LOCK:
		return container_request(CONTAINER_LOCK,
			(const uint64_t[]){first, second}, 2, NULL);
	case SHARED_UNLOCK:
		return container_request(CONTAINER_UNLOCK, &first, 1, NULL);
	default:
		return VMM_EINVAL;
	}
}

int main(void)
{
	L4_ThreadId_t from;
	L4_Msg_t msg;

	portal_serve_from_args(L4_MyGlobalId());

	L4_MsgTag_t tag = L4_Wait(&from);

	for (;;) {
		uint64_t result;

		if (msgtag_failed(tag)) {
			tag = L4_Wait(&from);
			continue;
		}
		L4_MsgStore(tag, &msg);
		result = serve(L4_MsgLabel(&msg), L4_MsgWord(&msg, 0),
			L4_MsgWord(&msg, 1));
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, result);
		tag = L4_ReplyWait(from, &from);
	}
}
