/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper threads and spaces for tests in the root task's place.
 */
#include "tests/guest/fixture.h"

#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"

#define STACKS 48
#define STACK_SIZE 8192

/* To the pager thread, from this space: MR1 thread, MR2 IP, MR3 SP. */
#define START_THREAD 1u

/* The linker script's. */
extern char image_start[], image_end[];

static char stack[STACKS][STACK_SIZE] __attribute__((aligned(16)));
static unsigned nr_stacks;
static thread_id_t pager;

const char *program_name(void)
{
	return "test";
}

void image_touch(void)
{
	for (char *at = image_start; at < image_end; at += PAGE_SIZE)
		(void)*(volatile char *)at;
}

/*
 * A stack that is mapped: the memory is the first thread's, to which alone
 * sigma0 gives it, so other threads must find it in their space.
 */
static char *stack_get(void)
{
	if (nr_stacks == 0)
		image_touch();
	if (nr_stacks == STACKS)
		panic("out of stacks");
	return stack[nr_stacks++];
}

uint64_t stack_top(void (*entry)(void *), void *arg)
{
	return thread_push_entry(entry, arg, stack_get(), STACK_SIZE);
}

thread_id_t spawn(void (*entry)(void *), void *arg)
{
	return thread_create(entry, arg, stack_get(), STACK_SIZE);
}

void settle(void)
{
	(void)L4_Set_Priority(L4_MyGlobalId(), 1);
	L4_Yield();
	(void)L4_Set_Priority(L4_MyGlobalId(), PRIORITY_MAX);
}

void kill(thread_id_t id)
{
	(void)thread_delete(id);
}

/*
 * Gives the page of this program at the same address, with all rights.
 * Returns false for other addresses: then the thread goes on waiting.
 */
static bool reply_page(uint64_t address)
{
	uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1);

	if (page < (uint64_t)image_start || page >= (uint64_t)image_end)
		return false;
	/* Only what is mapped here can be mapped on. */
	(void)*(volatile char *)page;
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(page));
	L4_LoadMR(2, fpage_make(page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	return true;
}

static bool start_thread(const L4_Msg_t *msg)
{
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, L4_MsgWord(msg, 1));
	L4_LoadMR(2, L4_MsgWord(msg, 2));
	(void)L4_Send_Timeout(
		(thread_id_t){L4_MsgWord(msg, 0)}, L4_TimePeriod(1000000));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	return true;
}

static bool pager_serve(L4_MsgTag_t tag)
{
	L4_Msg_t msg;

	L4_MsgStore(tag, &msg);
	if (msgtag_label(tag) == START_THREAD)
		return start_thread(&msg);
	return reply_page(L4_MsgWord(&msg, 0));
}

static void pager_main(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)arg;
	for (;;) {
		if (msgtag_failed(tag) || !pager_serve(tag))
			tag = L4_Wait(&from);
		else
			tag = L4_ReplyWait(from, &from);
	}
}

thread_id_t pager_thread(void)
{
	if (thread_id_is_nil(pager))
		pager = spawn(pager_main, NULL);
	return pager;
}

thread_id_t space_create(void)
{
	uint64_t unused;
	thread_id_t id = root_thread_reserve(&unused);
	L4_Word_t old;

	if (L4_ThreadControl(id, id, L4_MyGlobalId(), THREAD_NIL,
		    UTCB_LOCATION_NONE) == 0)
		return THREAD_NIL;
	if (L4_SpaceControl(id, 0,
		    fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		    fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_RIGHTS),
		    THREAD_NIL, &old) == 0)
		return THREAD_NIL;
	return id;
}

uint64_t thread_activate(thread_id_t id, thread_id_t by)
{
	return L4_ThreadControl(id, id, L4_MyGlobalId(), by, UTCB_AREA_BASE);
}

thread_id_t spawn_in_new_space(void (*entry)(void *), void *arg)
{
	thread_id_t id = space_create();

	if (thread_id_is_nil(id) || thread_activate(id, pager_thread()) == 0)
		return THREAD_NIL;

	uint64_t sp = stack_top(entry, arg);

	L4_Set_MsgTag(msgtag_make(START_THREAD, 3, 0));
	L4_LoadMR(1, id.raw);
	L4_LoadMR(2, (uint64_t)thread_entry);
	L4_LoadMR(3, sp);
	if (msgtag_failed(L4_Call(pager_thread())))
		return THREAD_NIL;
	return id;
}
