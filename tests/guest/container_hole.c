/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container_hole: touches a window that it has taken out, for a system test.
 *
 * Arguments: flushed, if the mapping goes first, as it should; looping, if a
 * pager maps what is not there again and again
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/thread.h"

static char stack[4096] __attribute__((aligned(16)));

/* The pager of the main thread from now on. */
static void map_in_vain(void *unused)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};
	L4_ThreadId_t from;

	(void)unused;
	(void)L4_Wait(&from);
	for (;;) {
		(void)L4_Sigma0_GetPage(sigma0,
			fpage_make(WINDOW_GPA, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_ReplyWait(from, &from);
	}
}

static void start_looping(void)
{
	thread_id_t pager =
		thread_create(map_in_vain, NULL, stack, sizeof(stack));
	struct l4_exregs regs = {
		.thread = L4_MyGlobalId().raw,
		.control = EXREGS_SET_PAGER,
		.pager = pager.raw,
	};

	if (thread_id_is_nil(pager) ||
		thread_id_is_nil(L4_ExchangeRegisters(&regs)))
		panic("no pager");
}

int main(void)
{
	volatile uint64_t *word = (volatile uint64_t *)WINDOW_GPA;
	const uint64_t gpa = WINDOW_GPA;
	uint64_t ref, error;

	if (container_create(&ref) || container_allocate(ref, 0, 1, 0) ||
		container_map(ref, 0, 1,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, gpa, NULL))
		panic("no container");
	*word = 1;
	error = args_flag(startup_page()->args, "flushed")
			? container_unmap(gpa, 1)
			: container_request(CONTAINER_UNMAP, &gpa, 1, NULL);
	print("container_hole: unmapped, error %lu\n", error);
	if (args_flag(startup_page()->args, "looping"))
		start_looping();
	return (int)*word;
}
