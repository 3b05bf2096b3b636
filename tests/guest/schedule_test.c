/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who runs: priorities, yielding, time slices, states.
 * Source: L4 X.2 Reference Manual, "Schedule", "ThreadSwitch".
 */
#include "guestkernel/abi/error.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

static volatile uint64_t turns[2];

static void let_time_pass(void)
{
	L4_Sleep(L4_TimePeriod(2000));
}

static void rest(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

static void turn(void *arg)
{
	for (;;)
		turns[(uint64_t)arg]++;
}

static void turn_and_yield(void *arg)
{
	for (;;) {
		turns[(uint64_t)arg]++;
		L4_Yield();
	}
}

static void sleeper(void *arg)
{
	(void)arg;
	rest();
}

TEST(only_the_highest_priority_runs)
{
	thread_id_t low = spawn(turn, (void *)0);
	thread_id_t high = spawn(turn, (void *)1);

	CHECK(L4_Set_Priority(low, 50) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(high, 60) != SCHEDULE_ERROR);
	turns[0] = 0;
	turns[1] = 0;
	let_time_pass();
	CHECK_EQ(turns[0], 0);
	CHECK(turns[1] > 0);
	kill(high);
	let_time_pass();
	CHECK(turns[0] > 0);
	kill(low);
}

TEST(equal_priorities_share_by_time_slices)
{
	thread_id_t a = spawn(turn, (void *)0);
	thread_id_t b = spawn(turn, (void *)1);

	CHECK(L4_Set_Timeslice(a, time_period(1000)) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(b, time_period(1000)) != SCHEDULE_ERROR);
	turns[0] = 0;
	turns[1] = 0;
	L4_Sleep(L4_TimePeriod(20000));
	CHECK(turns[0] > 0);
	CHECK(turns[1] > 0);
	kill(a);
	kill(b);
}

TEST(yielding_lets_the_other_run)
{
	thread_id_t a = spawn(turn_and_yield, (void *)0);
	thread_id_t b = spawn(turn_and_yield, (void *)1);

	turns[0] = 0;
	turns[1] = 0;
	let_time_pass();
	CHECK(turns[0] > 2);
	CHECK(turns[1] > 2);
	CHECK(turns[0] - turns[1] + 1 <= 2);
	kill(a);
	kill(b);
}

TEST(a_switch_goes_to_the_thread_that_is_named)
{
	thread_id_t a = spawn(turn_and_yield, (void *)0);
	thread_id_t b = spawn(turn_and_yield, (void *)1);

	/* All of one priority: what runs next is the one switched to. */
	turns[0] = 0;
	turns[1] = 0;
	CHECK(L4_Set_Priority(a, PRIORITY_MAX) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(b, PRIORITY_MAX) != SCHEDULE_ERROR);
	L4_ThreadSwitch(b);
	CHECK(turns[1] >= 1);
	kill(a);
	kill(b);
}

TEST(schedule_tells_what_a_thread_does)
{
	thread_id_t asleep = spawn(sleeper, NULL);
	thread_id_t busy = spawn(turn, NULL);

	let_time_pass();
	CHECK_EQ(L4_Set_Priority(asleep, 100), SCHEDULE_WAITING);
	CHECK_EQ(L4_Set_Priority(busy, 100), SCHEDULE_RUNNING);
	(void)L4_Stop(busy);
	CHECK_EQ(L4_Set_Priority(busy, 100), SCHEDULE_INACTIVE);
	kill(asleep);
	kill(busy);
}

TEST(schedule_of_no_thread_is_an_error)
{
	thread_id_t nobody = {UINT64_C(0x1000000000001)};

	CHECK_EQ(L4_Set_Priority(nobody, 100), SCHEDULE_ERROR);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(an_interrupt_can_be_scheduled_once_it_is_associated)
{
	thread_id_t irq = thread_id_interrupt(7);

	CHECK_EQ(L4_Set_Priority(irq, 100), SCHEDULE_ERROR);
	CHECK(L4_AssociateInterrupt(irq, L4_MyGlobalId()) != 0);
	CHECK(L4_Set_Priority(irq, 100) != SCHEDULE_ERROR);
	CHECK(L4_DeassociateInterrupt(irq) != 0);
}

TEST(the_clock_never_goes_back)
{
	uint64_t last = L4_SystemClock();

	for (unsigned i = 0; i < 10000; i++) {
		uint64_t now = L4_SystemClock();

		CHECK(now >= last);
		last = now;
	}
}

TEST(the_clock_passes_as_long_as_a_sleep)
{
	uint64_t start = L4_SystemClock();

	L4_Sleep(L4_TimePeriod(10000));

	uint64_t us = L4_SystemClock() - start;

	CHECK(us >= 10000);
	CHECK(us < 210000);
}

TAP_MAIN(CASE(only_the_highest_priority_runs),
	CASE(equal_priorities_share_by_time_slices),
	CASE(yielding_lets_the_other_run),
	CASE(a_switch_goes_to_the_thread_that_is_named),
	CASE(schedule_tells_what_a_thread_does),
	CASE(schedule_of_no_thread_is_an_error),
	CASE(an_interrupt_can_be_scheduled_once_it_is_associated),
	CASE(the_clock_never_goes_back),
	CASE(the_clock_passes_as_long_as_a_sleep))
