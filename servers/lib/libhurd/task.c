/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that wortel started: it asks wortel for what needs privilege.
 */
#include "servers/lib/libhurd/task.h"

#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"

#define WORTEL_UNREACHABLE UINT64_MAX

static thread_id_t wortel(void)
{
	return (thread_id_t){startup_page()->wortel};
}

static void request(uint64_t label, uint64_t first, uint64_t second)
{
	L4_Set_MsgTag(msgtag_make(label, 2, 0));
	L4_LoadMR(1, first);
	L4_LoadMR(2, second);
}

/* Returns the error; the result, if there is one, stands in MR2. */
static uint64_t wortel_call(uint64_t label, uint64_t first, uint64_t second)
{
	uint64_t error;

	request(label, first, second);
	L4_MsgTag_t tag = L4_Call(wortel());

	if (msgtag_failed(tag) || msgtag_untyped(tag) < 1)
		return WORTEL_UNREACHABLE;
	L4_StoreMR(1, &error);
	return error;
}

const char *program_name(void)
{
	return startup_page()->name;
}

void start(void)
{
	l4_init();
	L4_Set_ExceptionHandler(wortel());
	task_exit(main());
}

void thread_main(void (*entry)(void *), void *arg)
{
	L4_Set_ExceptionHandler(wortel());
	entry(arg);
	thread_exit();
}

void task_exit(int status)
{
	for (;;) {
		request(WORTEL_TASK_EXIT, (uint64_t)status & 0xff, 0);
		(void)L4_Send(wortel());
	}
}

thread_id_t thread_create(
	void (*entry)(void *), void *arg, void *stack, size_t size)
{
	uint64_t sp = thread_push_entry(entry, arg, stack, size);
	thread_id_t id;

	if (wortel_call(WORTEL_THREAD_CREATE, (uint64_t)thread_entry, sp) !=
		WORTEL_OK)
		return THREAD_NIL;
	L4_StoreMR(2, &id.raw);
	return id;
}

uint64_t thread_delete(thread_id_t id)
{
	return wortel_call(WORTEL_THREAD_DELETE, id.raw, 0);
}

void thread_exit(void)
{
	for (;;)
		(void)thread_delete(L4_MyGlobalId());
}

uint64_t thread_set_priority(thread_id_t id, unsigned priority)
{
	return wortel_call(WORTEL_THREAD_PRIORITY, id.raw, priority);
}

uint64_t interrupt_attach(unsigned irq)
{
	return wortel_call(WORTEL_INTERRUPT, irq, 0);
}
