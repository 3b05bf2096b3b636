/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedule's time control: slices, total quanta, and the message to the
 * scheduler when one is used up; what Schedule refuses.
 * Source: L4 X.2 Reference Manual, "Schedule", "Preemption Protocol".
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define KEEP_HALF UINT64_C(0xffff)
#define QUANTUM_US 2000
#define LONG_US 100000

static volatile uint64_t turns[2];

static void turn(void *arg)
{
	for (;;)
		turns[(uint64_t)arg]++;
}

static void sleeper(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_TimePeriod(10000));
}

static uint64_t time_control(uint64_t slice_us, uint64_t quantum_us)
{
	return (uint64_t)time_period(slice_us).raw << 16 |
	       time_period(quantum_us).raw;
}

static uint64_t set_time(thread_id_t id, uint64_t time)
{
	uint64_t old;

	return L4_Schedule(
		id, time, SCHEDULE_KEEP, SCHEDULE_KEEP, SCHEDULE_KEEP, &old);
}

static uint64_t get_time(thread_id_t id)
{
	uint64_t old = 0;

	CHECK(L4_Schedule(id, SCHEDULE_KEEP, SCHEDULE_KEEP, SCHEDULE_KEEP,
		      SCHEDULE_KEEP, &old) != SCHEDULE_ERROR);
	return old;
}

static uint64_t set_quantum(thread_id_t id, uint64_t us)
{
	return set_time(id, KEEP_HALF << 16 | time_period(us).raw);
}

/* The message of a used-up quantum came from @id within @us. */
static bool asked(thread_id_t id, uint64_t us)
{
	uint64_t now, clock, zero;
	L4_MsgTag_t tag = L4_Receive_Timeout(id, L4_TimePeriod(us));

	if (msgtag_failed(tag))
		return false;
	now = L4_SystemClock();
	L4_StoreMR(1, &clock);
	L4_StoreMR(2, &zero);
	CHECK_EQ(tag.raw, msgtag_make(PROTOCOL_PREEMPTION, 2, 0).raw);
	CHECK(clock <= now && clock + LONG_US > now);
	CHECK_EQ(zero, 0);
	return true;
}

static void answer(thread_id_t id)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
}

TEST(a_used_up_quantum_is_a_call_of_the_scheduler)
{
	thread_id_t id = spawn(turn, (void *)0);
	uint64_t start = L4_SystemClock(), stopped;

	turns[0] = 0;
	CHECK_EQ(set_quantum(id, QUANTUM_US), SCHEDULE_RUNNING);
	CHECK(asked(id, LONG_US));
	CHECK(L4_SystemClock() - start >= QUANTUM_US);
	stopped = turns[0];
	L4_Sleep(L4_TimePeriod(5000));
	CHECK_EQ(turns[0], stopped);

	/* With a new one it goes on; the VMM may use some of them up. */
	for (unsigned i = 0; i < 10 && turns[0] == stopped; i++) {
		CHECK_EQ(set_quantum(id, QUANTUM_US), SCHEDULE_WAITING);
		answer(id);
		CHECK(asked(id, LONG_US));
	}
	CHECK(turns[0] > stopped);
	kill(id);
}

TEST(an_answer_without_a_new_quantum_is_not_enough)
{
	thread_id_t id = spawn(turn, (void *)0);
	uint64_t stopped;

	CHECK(set_quantum(id, QUANTUM_US) != SCHEDULE_ERROR);
	CHECK(asked(id, LONG_US));
	stopped = turns[0];
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(get_time(id) & KEEP_HALF, TIME_ZERO.raw);
		answer(id);
		CHECK(asked(id, LONG_US));
		CHECK_EQ(turns[0], stopped);
	}
	CHECK(!thread_id_is_nil(L4_AbortIpc(id)));
	CHECK(asked(id, LONG_US));
	CHECK_EQ(turns[0], stopped);
	kill(id);
}

TEST(only_its_own_time_counts)
{
	thread_id_t id = spawn(sleeper, NULL);
	thread_id_t other = spawn(turn, (void *)0);

	CHECK(L4_Set_Priority(other, 50) != SCHEDULE_ERROR);
	CHECK(set_quantum(id, 8000) != SCHEDULE_ERROR);
	CHECK(!asked(id, 60000));
	kill(other);
	kill(id);
}

TEST(an_endless_quantum_takes_the_limit_away)
{
	thread_id_t id = spawn(turn, (void *)0);

	CHECK(set_quantum(id, QUANTUM_US) != SCHEDULE_ERROR);
	CHECK(set_time(id, KEEP_HALF << 16 | TIME_NEVER.raw) != SCHEDULE_ERROR);
	CHECK(!asked(id, 5 * QUANTUM_US));
	CHECK_EQ(get_time(id) & KEEP_HALF, TIME_NEVER.raw);
	kill(id);
}

TEST(without_a_scheduler_it_is_halted)
{
	thread_id_t scheduler = spawn(sleeper, NULL);
	thread_id_t id = spawn(turn, (void *)0);
	struct l4_exregs regs = {.thread = id.raw};

	CHECK(L4_ThreadControl(
		      id, id, scheduler, THREAD_NIL, UTCB_LOCATION_NONE) != 0);
	kill(scheduler);
	CHECK(set_quantum(id, QUANTUM_US) != SCHEDULE_ERROR);
	for (unsigned i = 0; i < 50 && !(regs.control & EXREGS_WAS_HALTED);
		i++) {
		L4_Sleep(L4_TimePeriod(5 * QUANTUM_US));
		regs = (struct l4_exregs){.thread = id.raw};
		CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	}
	CHECK(regs.control & EXREGS_WAS_HALTED);

	/* It goes on when it has a quantum and is resumed. */
	turns[0] = 0;
	CHECK_EQ(set_quantum(id, LONG_US), SCHEDULE_INACTIVE);
	CHECK(!thread_id_is_nil(L4_Start(id)));
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(turns[0] > 0);
	kill(id);
}

TEST(the_rest_of_slice_and_quantum_is_told)
{
	thread_id_t id = spawn(turn, (void *)0);
	uint64_t old, slice, quantum;

	CHECK(set_time(id, time_control(5000, LONG_US)) != SCHEDULE_ERROR);
	L4_Sleep(L4_TimePeriod(20000));
	old = get_time(id);
	slice = time_period_us((l4_time_t){(uint16_t)(old >> 16)});
	quantum = time_period_us((l4_time_t){(uint16_t)old});
	CHECK(slice > 0 && slice <= 5000);
	CHECK(quantum < 81000 && quantum > 0);
	CHECK(set_time(id, time_control(3000, 7000)) != SCHEDULE_ERROR);
	CHECK_EQ(get_time(id), time_control(3000, 7000));
	CHECK(set_time(id, 0) != SCHEDULE_ERROR);
	CHECK_EQ(get_time(id), 0);
	kill(id);
}

/* Slices of 10 ms; somebody more important runs each 3 ms. */
TEST(a_preempted_thread_has_the_rest_of_its_slice)
{
	thread_id_t a = spawn(turn, (void *)0);
	thread_id_t b = spawn(turn, (void *)1);

	turns[0] = 0;
	turns[1] = 0;
	for (unsigned i = 0; i < 30; i++)
		L4_Sleep(L4_TimePeriod(3000));
	CHECK(turns[0] > turns[1] / 4);
	CHECK(turns[1] > turns[0] / 4);
	kill(a);
	kill(b);
}

TEST(a_donation_ends_with_the_donors_slice)
{
	thread_id_t low = spawn(turn, (void *)0);
	thread_id_t self = L4_MyGlobalId();
	uint64_t start, us;

	CHECK(L4_Set_Priority(low, 10) != SCHEDULE_ERROR);
	CHECK(set_time(self, time_control(4000, 0) & ~KEEP_HALF) !=
		SCHEDULE_ERROR);
	turns[0] = 0;
	start = L4_SystemClock();
	L4_ThreadSwitch(low);
	us = L4_SystemClock() - start;
	CHECK(turns[0] > 0);
	CHECK(us >= 4000 && us < LONG_US);
	CHECK(set_time(self, time_control(10000, 0) & ~KEEP_HALF) !=
		SCHEDULE_ERROR);
	kill(low);
}

TEST(lengths_are_periods)
{
	thread_id_t id = spawn(sleeper, NULL);
	const uint64_t bad[] = {
		UINT64_C(0x8001) << 16, /* a point */
		UINT64_C(0x8001),
		(uint64_t)TIME_ZERO.raw << 16, /* no length */
		TIME_ZERO.raw,
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_EQ(set_time(id, bad[i]), SCHEDULE_ERROR);
		CHECK_EQ(L4_ErrorCode(), L4_INVALID_PARAMETER);
	}
	CHECK(set_time(id, SCHEDULE_KEEP) != SCHEDULE_ERROR);
	CHECK_EQ(L4_ErrorCode(), L4_OK);
	kill(id);
}

TEST(there_is_one_processor)
{
	thread_id_t id = spawn(sleeper, NULL);
	uint64_t old;

	CHECK(L4_Schedule(id, SCHEDULE_KEEP, 0, SCHEDULE_KEEP, SCHEDULE_KEEP,
		      &old) != SCHEDULE_ERROR);
	CHECK_EQ(L4_Schedule(id, SCHEDULE_KEEP, 1, SCHEDULE_KEEP, SCHEDULE_KEEP,
			 &old),
		SCHEDULE_ERROR);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_PARAMETER);
	kill(id);
}

/* --- who may, tried by a thread without privileges --- */

static thread_id_t victim;
static uint64_t priority_control, preemption_control;
static volatile uint64_t result, error;

static void try_schedule(void *arg)
{
	uint64_t old;

	result = L4_Schedule(victim, SCHEDULE_KEEP, SCHEDULE_KEEP,
		priority_control, preemption_control, &old);
	error = L4_ErrorCode();
	sleeper(arg);
}

/* As the victim's scheduler, or not. */
static uint64_t tried(bool is_scheduler, uint64_t priority, uint64_t preemption)
{
	thread_id_t id;

	victim = spawn(sleeper, NULL);
	priority_control = priority;
	preemption_control = preemption;
	id = spawn_in_new_space(try_schedule, NULL);
	CHECK(L4_Set_Priority(id, 100) != SCHEDULE_ERROR);
	if (is_scheduler)
		CHECK(L4_ThreadControl(victim, victim, id, THREAD_NIL,
			      UTCB_LOCATION_NONE) != 0);
	result = 99;
	settle();
	kill(id);
	kill(victim);
	return result;
}

TEST(the_scheduler_may_give_what_it_has)
{
	CHECK_EQ(tried(false, 10, SCHEDULE_KEEP), SCHEDULE_ERROR);
	CHECK_EQ(error, L4_NO_PRIVILEGE);
	CHECK_EQ(tried(true, 100, SCHEDULE_KEEP), SCHEDULE_WAITING);
	CHECK_EQ(error, L4_OK);
	CHECK_EQ(tried(true, 101, SCHEDULE_KEEP), SCHEDULE_ERROR);
	CHECK_EQ(error, L4_NO_PRIVILEGE);
	CHECK_EQ(tried(true, SCHEDULE_KEEP, 100 << 16), SCHEDULE_WAITING);
	CHECK_EQ(tried(true, SCHEDULE_KEEP, 101 << 16), SCHEDULE_ERROR);
	CHECK_EQ(error, L4_NO_PRIVILEGE);
}

TAP_MAIN(CASE(a_used_up_quantum_is_a_call_of_the_scheduler),
	CASE(an_answer_without_a_new_quantum_is_not_enough),
	CASE(only_its_own_time_counts),
	CASE(an_endless_quantum_takes_the_limit_away),
	CASE(without_a_scheduler_it_is_halted),
	CASE(the_rest_of_slice_and_quantum_is_told),
	CASE(a_preempted_thread_has_the_rest_of_its_slice),
	CASE(a_donation_ends_with_the_donors_slice), CASE(lengths_are_periods),
	CASE(there_is_one_processor), CASE(the_scheduler_may_give_what_it_has))
