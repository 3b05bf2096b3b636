/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wortel, the root task: starts the domain's programs, each as a task of its
 * own, and then is their pager, exception handler and hand in privileged
 * system calls.  One thread, one message at a time.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/wortel/frame.h"
#include "servers/wortel/service.h"

#define FIRST_PROGRAM 2 /* module 0 is sigma0, module 1 this program */
#define STATUS_NO_PROGRAM 1

const char *program_name(void)
{
	return "wortel";
}

static void start_programs(const struct boot_info *info)
{
	struct task *task[TASKS_MAX];
	unsigned n = 0;

	for (unsigned i = FIRST_PROGRAM;
		i < info->nr_modules && i < BOOT_MODULES_MAX; i++) {
		const struct boot_module *module = &info->module[i];

		if (frame_map_region(module->start, module->size) < 0) {
			print("wortel: %s: sigma0 keeps its file\n",
				module->name);
			continue;
		}
		task[n] = task_create(module);
		if (task[n] != NULL)
			n++;
	}
	/* All exist before one runs: the startup page names them all. */
	for (unsigned i = 0; i < n; i++)
		task_start(task[i], info);
}

/* Returns whether there is a reply, which then is in the message registers. */
static bool serve(L4_ThreadId_t from, L4_MsgTag_t tag)
{
	struct task *task = task_of(from);
	L4_Msg_t msg;

	if (task == NULL)
		return false;

	for (unsigned i = 1; i <= EXCEPTION_WORDS; i++)
		msg.mr[i] = 0;
	L4_MsgStore(tag, &msg);
	switch (msgtag_label(tag) & ~PROTOCOL_DETAIL_MASK) {
	case PROTOCOL_PAGEFAULT:
		return pager_serve(task, tag, &msg);
	case PROTOCOL_EXCEPTION:
		return crash_serve(task, from, &msg);
	default:
		return service_serve(task, from, tag, &msg);
	}
}

int main(void)
{
	const struct boot_info *info = root_boot_info();
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	if (info == NULL)
		panic("no boot information");

	start_programs(info);
	if (task_count() == 0) {
		print("wortel: %s: no program to run\n", info->name);
		return STATUS_NO_PROGRAM;
	}

	L4_Accept(ACCEPT_UNTYPED);
	tag = L4_Wait(&from);
	for (;;) {
		/* A reply that its thread does not await is dropped. */
		if (msgtag_failed(tag) || !serve(from, tag))
			tag = L4_Wait(&from);
		else
			tag = L4_ReplyWait(from, &from);
	}
}
