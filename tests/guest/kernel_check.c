/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error in the checking kernel's books, put in on purpose: argument
 * fault=N.  The kernel finds it, names it and stops; if this program goes on,
 * it did not.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "tests/guest/checkcall.h"
#include "tests/guest/fixture.h"

#define DEADLINE_US 1000000
#define WAITERS 3

static thread_id_t root;

static void send(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(root);
}

static void wait(void *arg)
{
	L4_Sleep(L4_TimePeriod(DEADLINE_US * (1 + (uint64_t)arg)));
}

static void spin(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("" : : : "memory");
}

/* Someone in every queue, and pages that are mapped on. */
static void populate(void)
{
	root = L4_MyGlobalId();
	for (uint64_t n = 0; n < WAITERS; n++)
		(void)spawn(wait, (void *)n);
	(void)spawn(send, NULL);
	(void)spawn_in_new_space(wait, NULL);
	settle();
	(void)spawn(spin, NULL);
}

int main(void)
{
	const struct boot_info *boot = root_boot_info();
	const char *args = boot ? boot->module[1].args : "";
	uint64_t fault = args_number(args, "fault", 0);
	uint64_t page = (uint64_t)wait;

	populate();
	if (!check_call(CHECK_CALL_NOW, 0, 0).value)
		panic("this is not the checking kernel");
	if (!check_call(CHECK_CALL_FAULT, fault, page).value)
		panic("fault %lu cannot be put in", fault);
	(void)check_call(CHECK_CALL_NOW, 0, 0);
	panic("fault %lu was not found", fault);
}
