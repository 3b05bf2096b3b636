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

/* --- of three equals, by the short way and by the long one --- */

#define EQUALS 3
#define LOG 12
#define LONG_US 1000000

/* Who ran, in order: each is asleep when it is full. */
static volatile struct {
	unsigned nr;
	uint8_t who[LOG];
} ran;

static thread_id_t equal[EQUALS];
static bool first_switches; /* to the second; else it yields, too */

static void take_turns(void *arg)
{
	uint8_t me = (uint8_t)(uint64_t)arg;

	while (ran.nr < LOG) {
		ran.who[ran.nr++] = me;
		if (me == 0 && first_switches)
			L4_ThreadSwitch(equal[1]);
		else
			L4_Yield();
	}
	rest();
}

/* They begin in order.  Who has a total quantum goes the long way. */
static void run_equals(l4_time_t slice, l4_time_t quantum)
{
	uint64_t times = (uint64_t)slice.raw << 16 | quantum.raw, old;

	ran.nr = 0;
	for (uint64_t i = 0; i < EQUALS; i++) {
		equal[i] = spawn(take_turns, (void *)i);
		CHECK(L4_Set_Priority(equal[i], 60) != SCHEDULE_ERROR);
		CHECK(L4_Schedule(equal[i], times, SCHEDULE_KEEP, SCHEDULE_KEEP,
			      SCHEDULE_KEEP, &old) != SCHEDULE_ERROR);
	}
	settle();
	for (unsigned i = 0; i < EQUALS; i++)
		kill(equal[i]);
	CHECK_EQ(ran.nr, LOG);
}

static void run_equals_by_both_ways(void (*check)(unsigned i))
{
	const l4_time_t slice[] = {TIME_NEVER, time_period(LONG_US)};
	const l4_time_t quantum[] = {TIME_NEVER, time_period(LONG_US)};

	for (unsigned i = 0; i < 4; i++) {
		run_equals(slice[i & 1], quantum[i >> 1]);
		for (unsigned n = 0; n < LOG; n++)
			check(n);
	}
}

static void check_round(unsigned i)
{
	CHECK_EQ(ran.who[i], i % EQUALS);
}

TEST(yields_go_round)
{
	first_switches = false;
	run_equals_by_both_ways(check_round);
}

/* It is the next again when the other yields. */
static void check_pair(unsigned i)
{
	CHECK_EQ(ran.who[i], i % 2);
}

TEST(who_switches_stays_before_its_equals)
{
	first_switches = true;
	run_equals_by_both_ways(check_pair);
}

#define SHORT_SLICE_US 1000
#define OWN_SLICE_US 20000
#define ROUNDS 5

static uint64_t us_of_switch(thread_id_t to)
{
	uint64_t start = L4_SystemClock();

	L4_ThreadSwitch(to);
	return L4_SystemClock() - start;
}

/* Whoever yields has a slice of its own when it is its turn again. */
TEST(a_yield_begins_the_others_slice_and_a_switch_hands_on_ones_own)
{
	thread_id_t hog = spawn(turn, (void *)0), self = L4_MyGlobalId();
	uint64_t yield_us = UINT64_MAX, switch_us = UINT64_MAX;

	CHECK(L4_Set_Timeslice(hog, time_period(SHORT_SLICE_US)) !=
		SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(self, time_period(OWN_SLICE_US)) !=
		SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(hog, PRIORITY_DEFAULT) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(self, PRIORITY_DEFAULT) != SCHEDULE_ERROR);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t us = us_of_switch(L4_nilthread);

		if (us < yield_us)
			yield_us = us;
		us = us_of_switch(hog);
		if (us < switch_us)
			switch_us = us;
	}
	CHECK(yield_us >= SHORT_SLICE_US * 9 / 10);
	CHECK(yield_us < OWN_SLICE_US / 2);
	CHECK(switch_us > OWN_SLICE_US / 2);
	CHECK(L4_Set_Priority(self, PRIORITY_MAX) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(self, time_period(10000)) != SCHEDULE_ERROR);
	kill(hog);
}

static volatile uint64_t slice_us;

/* Is preempted half way, goes on, yields; how long then until the other runs? */
static void use_half_and_yield(void *arg)
{
	uint64_t start = L4_SystemClock(), before;

	(void)arg;
	while (L4_SystemClock() - start < OWN_SLICE_US * 3 / 4)
		;
	L4_Yield();
	start = L4_SystemClock();
	before = turns[1];
	while (turns[1] == before)
		;
	slice_us = L4_SystemClock() - start;
	rest();
}

/* What a preemption left of a slice is had once. */
TEST(who_has_yielded_has_a_whole_slice_although_it_was_preempted_before)
{
	thread_id_t a = spawn(use_half_and_yield, NULL);
	thread_id_t b = spawn(turn_and_yield, (void *)1);

	slice_us = 0;
	CHECK(L4_Set_Timeslice(a, time_period(OWN_SLICE_US)) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(a, 60) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(b, 60) != SCHEDULE_ERROR);
	L4_Sleep(L4_TimePeriod(OWN_SLICE_US / 2));
	L4_Sleep(L4_TimePeriod(OWN_SLICE_US * 3));
	CHECK(slice_us > OWN_SLICE_US * 3 / 4);
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
	CASE(a_switch_goes_to_the_thread_that_is_named), CASE(yields_go_round),
	CASE(who_switches_stays_before_its_equals),
	CASE(a_yield_begins_the_others_slice_and_a_switch_hands_on_ones_own),
	CASE(who_has_yielded_has_a_whole_slice_although_it_was_preempted_before),
	CASE(schedule_tells_what_a_thread_does),
	CASE(schedule_of_no_thread_is_an_error),
	CASE(an_interrupt_can_be_scheduled_once_it_is_associated),
	CASE(the_clock_never_goes_back),
	CASE(the_clock_passes_as_long_as_a_sleep))
