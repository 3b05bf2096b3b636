/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What wortel does for its tasks: memory on demand, threads, interrupts, and
 * refusals by name.
 */
#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "tests/tap.h"

#define BIG 0x100000
#define THREADS 100

#define THREADS_ENOUGH 300 /* more than wortel has for all */

static char zeros[BIG];
static volatile char more[BIG];
static char stack[4096] __attribute__((aligned(16)));
static volatile uint64_t ran;

static void run_once(void *arg)
{
	ran += (uint64_t)arg;
}

static uint64_t wortel_error(uint64_t label, uint64_t first, uint64_t second)
{
	uint64_t error;

	L4_Set_MsgTag(msgtag_make(label, 2, 0));
	L4_LoadMR(1, first);
	L4_LoadMR(2, second);
	if (msgtag_failed(L4_Call((thread_id_t){startup_page()->wortel})))
		return UINT64_MAX;
	L4_StoreMR(1, &error);
	return error;
}

TEST(the_startup_page_tells_who_we_are)
{
	const struct startup *page = startup_page();

	CHECK_EQ(page->magic, STARTUP_MAGIC);
	CHECK_EQ(page->self, L4_MyGlobalId().raw);
	CHECK_EQ(page->task[0].thread, page->self);
	CHECK_STR(page->name, "wortel_test");
	CHECK_STR(page->args, "an=argument essential");
	CHECK_EQ(task_find("wortel_test").raw, page->self);
	CHECK(thread_id_is_nil(task_find("nobody")));
}

TEST(untouched_memory_is_zero)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BIG; i += 64)
		sum += (unsigned char)zeros[i];
	CHECK_EQ(sum, 0);
	zeros[BIG - 1] = 1;
	CHECK_EQ(zeros[BIG - 1], 1);
}

TEST(threads_come_and_go)
{
	ran = 0;
	/* A new thread then runs, and ends, before this one goes on. */
	CHECK_EQ(thread_set_priority(L4_MyGlobalId(), 50), WORTEL_OK);
	for (unsigned i = 0; i < THREADS; i++) {
		thread_id_t id = thread_create(
			run_once, (void *)1, stack, sizeof(stack));

		REQUIRE(!thread_id_is_nil(id));
		CHECK_EQ(thread_delete(id), WORTEL_EINVAL);
	}
	CHECK_EQ(ran, THREADS);
}

static void pause_forever(void)
{
	for (;;)
		__builtin_ia32_pause();
}

TEST(threads_run_out_with_an_error)
{
	static uint64_t made[THREADS_ENOUGH];
	unsigned n = 0;
	uint64_t error = WORTEL_OK;

	/* They never wait, so this thread must come before them. */
	CHECK_EQ(thread_set_priority(L4_MyGlobalId(), WORTEL_PRIORITY_MAX),
		WORTEL_OK);
	while (error == WORTEL_OK && n < THREADS_ENOUGH) {
		error = wortel_error(
			WORTEL_THREAD_CREATE, (uint64_t)pause_forever, 0);
		if (error == WORTEL_OK)
			L4_StoreMR(2, &made[n++]);
	}
	CHECK_EQ(error, WORTEL_ENOMEM);
	CHECK(n > THREADS);
	while (n > 0)
		CHECK_EQ(thread_delete((thread_id_t){made[--n]}), WORTEL_OK);
}

/* Waits until wortel has taken the task away; its memory is free then. */
static bool task_is_gone(const char *name)
{
	for (unsigned i = 0; i < 2000; i++) {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		if (msgtag_failed(
			    L4_Send_Timeout(task_find(name), L4_ZeroTime)) &&
			L4_ErrorCode() == IPC_SEND_NO_PARTNER)
			return true;
		L4_Sleep(L4_TimePeriod(5000));
	}
	return false;
}

TEST(tasks_that_end_badly_are_taken_away)
{
	CHECK(task_is_gone("exit"));
	CHECK(task_is_gone("write"));
	CHECK(task_is_gone("text"));
	CHECK(task_is_gone("opcode"));
	CHECK(task_is_gone("jump"));
}

TEST(a_task_that_takes_all_memory_gives_it_back)
{
	CHECK(task_is_gone("memory"));
	for (unsigned i = 0; i < BIG; i += 4096)
		more[i] = 1;
	CHECK_EQ(more[BIG - 4096], 1);
}

TEST(interrupts_are_handed_out)
{
	CHECK_EQ(interrupt_attach(9), WORTEL_OK);
	CHECK_EQ(vmm_notify_after(9, 1000), VMM_OK);
	CHECK(!msgtag_failed(L4_Receive_Timeout(
		thread_id_interrupt(9), L4_TimePeriod(1000000))));
	CHECK_EQ(interrupt_attach(THREAD_SYSTEM_BASE), WORTEL_EINVAL);
}

TEST(bad_requests_are_answered_with_errors)
{
	CHECK_EQ(wortel_error(77, 0, 0), WORTEL_EINVAL);
	CHECK_EQ(wortel_error(WORTEL_THREAD_DELETE, 0, 0), WORTEL_EINVAL);
	CHECK_EQ(wortel_error(WORTEL_THREAD_DELETE, L4_MyGlobalId().raw, 0),
		WORTEL_EINVAL);
	CHECK_EQ(wortel_error(WORTEL_THREAD_DELETE, startup_page()->wortel, 0),
		WORTEL_EINVAL);
	CHECK_EQ(wortel_error(WORTEL_THREAD_PRIORITY, L4_MyGlobalId().raw,
			 WORTEL_PRIORITY_MAX + 1),
		WORTEL_EINVAL);
	CHECK_EQ(wortel_error(WORTEL_THREAD_PRIORITY, L4_MyGlobalId().raw, 100),
		WORTEL_OK);
}

TEST(sigma0_refuses_what_is_not_free)
{
	thread_id_t sigma0 = {startup_page()->sigma0};
	fpage_t wortels = fpage_make(0x1000000, FPAGE_LOG2_MIN, FPAGE_RIGHTS);

	CHECK(fpage_is_nil(L4_Sigma0_GetPage(sigma0, wortels)));
	CHECK(fpage_is_nil(L4_Sigma0_GetPage(sigma0, FPAGE_NIL)));
	CHECK(fpage_is_nil(L4_Sigma0_GetPage(sigma0, FPAGE_COMPLETE)));
	CHECK(fpage_is_nil(L4_Sigma0_GetAny(sigma0, 40)));
}

TEST(sigma0_does_not_answer_what_is_no_request)
{
	thread_id_t sigma0 = {startup_page()->sigma0};
	uint64_t error;

	L4_Set_MsgTag(msgtag_make(0x123, 5, 0));
	CHECK(msgtag_failed(
		L4_Call_Timeouts(sigma0, L4_Never, L4_TimePeriod(3000))));
	error = L4_ErrorCode();
	CHECK_EQ(error, IPC_RECEIVE_TIMEOUT);
}

TAP_MAIN(CASE(the_startup_page_tells_who_we_are),
	CASE(untouched_memory_is_zero), CASE(threads_come_and_go),
	CASE(threads_run_out_with_an_error),
	CASE(tasks_that_end_badly_are_taken_away),
	CASE(a_task_that_takes_all_memory_gives_it_back),
	CASE(interrupts_are_handed_out),
	CASE(bad_requests_are_answered_with_errors),
	CASE(sigma0_refuses_what_is_not_free),
	CASE(sigma0_does_not_answer_what_is_no_request))
