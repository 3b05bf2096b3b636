/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program in the root task's place: it has the right to make threads itself,
 * and its end is the domain's.
 *
 * Threads get numbers and UTCBs in order and none is used twice: the programs
 * that run here make few.
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/kip.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"

#define FIRST_THREAD (THREAD_USER_BASE + 3)
#define THREADS_MAX 255 /* UTCBs behind the first */

static uint32_t nr_threads;

void start(void)
{
	l4_init();
	task_exit(main());
}

void thread_main(void (*entry)(void *), void *arg)
{
	entry(arg);
	thread_exit();
}

void task_exit(int status)
{
	vmm_exit(status);
}

thread_id_t root_thread_reserve(uint64_t *utcb_location)
{
	if (nr_threads == THREADS_MAX)
		return THREAD_NIL;

	uint32_t n = nr_threads++;

	*utcb_location = UTCB_AREA_BASE + (n + 1) * UTCB_SIZE;
	return thread_id_global(FIRST_THREAD + n, 1);
}

thread_id_t thread_create(
	void (*entry)(void *), void *arg, void *stack, size_t size)
{
	uint64_t sp = thread_push_entry(entry, arg, stack, size);
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	if (thread_id_is_nil(id) ||
		L4_ThreadControl(id, self, self, L4_Pager(), utcb) == 0)
		return THREAD_NIL;
	if (thread_id_is_nil(L4_Start_SpIp(id, sp, (uint64_t)thread_entry)))
		return THREAD_NIL;
	return id;
}

uint64_t thread_delete(thread_id_t id)
{
	if (L4_ThreadControl(id, THREAD_NIL, THREAD_NIL, THREAD_NIL,
		    UTCB_LOCATION_NONE) == 0)
		return L4_ErrorCode();
	return L4_OK;
}

/* A thread cannot delete itself; it waits for the end of the domain. */
void thread_exit(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

uint64_t thread_set_priority(thread_id_t id, unsigned priority)
{
	return L4_Set_Priority(id, priority) == SCHEDULE_ERROR ? L4_ErrorCode()
							       : L4_OK;
}

uint64_t interrupt_attach(unsigned irq)
{
	if (L4_AssociateInterrupt(thread_id_interrupt(irq), L4_MyGlobalId()) ==
		0)
		return L4_ErrorCode();
	return L4_OK;
}
