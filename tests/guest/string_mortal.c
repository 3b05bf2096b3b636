/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * string_mortal: when it is called, it answers, sends string_server a string
 * that never comes, and ends in the middle of that.
 *
 * Arguments: portal=NAME of its own
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/string_memory.h"

#define DIE_AFTER_US 50000

static char stack[4096] __attribute__((aligned(16)));

static void die_soon(void *arg)
{
	(void)arg;
	L4_Sleep(L4_TimePeriod(DIE_AFTER_US));
	task_exit(0);
}

int main(void)
{
	uint64_t word[STRINGS_WORDS];
	thread_id_t server = portal_find("server");
	L4_ThreadId_t from;
	unsigned n;

	strings_init();
	portal_serve_from_args(L4_MyGlobalId());
	(void)L4_Wait(&from);
	(void)thread_create(die_soon, NULL, stack, sizeof(stack));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(from);
	n = strings_source(STRINGS_NOWHERE, STRINGS_MAX, word);
	L4_Set_MsgTag(msgtag_make(STRINGS_TAKE, 0, n));
	for (unsigned i = 0; i < n; i++)
		L4_LoadMR(1 + i, word[i]);
	(void)L4_Call(server);
	return 1;
}
