/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preemption that is put off, and preemption that the exception handler hears
 * of: the flags in the UTCB, and Schedule's preemption control.
 * Source: L4 X.2 Reference Manual, "Thread Control Registers" (PreemptFlags),
 * "Schedule", "Preemption Protocol".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define LOW 50
#define HIGH 60
#define WAKE_US 3000
#define DELAY_US 20000
#define BUSY_US 8000 /* between the two */
#define LONG_US 200000

static thread_id_t tester;
static volatile uint64_t woken_at, yielded_at, ended_at;
static volatile uint64_t flags_at_yield, flags_at_end;
static uint64_t busy_us;
static uint64_t first_flags;
static volatile bool kept;

static void rest(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

static void wake_later(void *arg)
{
	(void)arg;
	L4_Sleep(L4_TimePeriod(WAKE_US));
	woken_at = L4_SystemClock();
	rest();
}

static void run_all_the_time(void *arg)
{
	(void)arg;
	for (;;)
		if (!woken_at)
			woken_at = L4_SystemClock();
}

/* A section that is not to be preempted, as the manual writes it. */
static void section(void *arg)
{
	uint64_t start = L4_SystemClock();

	(void)arg;
	l4_utcb()->flags = first_flags;
	while (L4_SystemClock() - start < busy_us)
		;
	flags_at_yield = l4_utcb()->flags;
	l4_utcb()->flags &= ~(uint64_t)(PREEMPT_DELAY | PREEMPT_PENDING);
	yielded_at = L4_SystemClock();
	L4_Yield();
	flags_at_end = l4_utcb()->flags;
	ended_at = L4_SystemClock();
	rest();
}

static uint64_t set_delay(thread_id_t id, uint64_t sensitive, uint64_t us)
{
	uint64_t old;

	return L4_Schedule(id, SCHEDULE_KEEP, SCHEDULE_KEEP, SCHEDULE_KEEP,
		sensitive << 16 | us, &old);
}

/* A section of @us against somebody of priority HIGH who wakes in it. */
static void race(uint64_t sensitive, uint64_t delay_us, uint64_t us)
{
	thread_id_t low = spawn(section, NULL);
	thread_id_t high = spawn(wake_later, NULL);

	woken_at = 0;
	yielded_at = 0;
	busy_us = us;
	first_flags = PREEMPT_DELAY;
	CHECK(set_delay(low, sensitive, delay_us) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(low, LOW) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(high, HIGH) != SCHEDULE_ERROR);
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(woken_at != 0);
	CHECK(yielded_at != 0);
	kill(low);
	kill(high);
}

TEST(preemption_is_put_off_until_the_thread_yields)
{
	race(HIGH, DELAY_US, BUSY_US);
	CHECK(woken_at >= yielded_at);
	CHECK(woken_at < yielded_at + BUSY_US);
	CHECK_EQ(flags_at_yield, PREEMPT_DELAY | PREEMPT_PENDING);
	CHECK(ended_at >= woken_at);
}

TEST(not_if_the_other_is_more_important_than_its_sensitive_priority)
{
	race(HIGH - 1, DELAY_US, BUSY_US);
	CHECK(woken_at < yielded_at);
	CHECK_EQ(flags_at_yield, PREEMPT_DELAY);
}

TEST(not_without_a_delay_that_it_was_given)
{
	race(HIGH, 0, BUSY_US);
	CHECK(woken_at < yielded_at);
}

TEST(not_for_longer_than_it_was_given)
{
	race(HIGH, DELAY_US, 3 * DELAY_US);
	CHECK(woken_at < yielded_at);
	/* The kernel has taken the flags away. */
	CHECK_EQ(flags_at_yield, 0);
}

TEST(the_end_of_a_slice_is_put_off_too)
{
	thread_id_t id = spawn(section, NULL);
	thread_id_t equal = spawn(run_all_the_time, NULL);

	woken_at = 0;
	yielded_at = 0;
	busy_us = BUSY_US;
	first_flags = PREEMPT_DELAY;
	CHECK(set_delay(id, LOW, DELAY_US) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(id, time_period(WAKE_US)) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(id, LOW) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(equal, LOW) != SCHEDULE_ERROR);
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(yielded_at != 0);
	CHECK(woken_at >= yielded_at);
	CHECK_EQ(flags_at_yield, PREEMPT_DELAY | PREEMPT_PENDING);

	woken_at = 0;
	kill(id);
	id = spawn(section, NULL);
	busy_us = 3 * DELAY_US;
	CHECK(set_delay(id, LOW - 1, DELAY_US) != SCHEDULE_ERROR);
	CHECK(L4_Set_Timeslice(id, time_period(WAKE_US)) != SCHEDULE_ERROR);
	CHECK(L4_Set_Priority(id, LOW) != SCHEDULE_ERROR);
	yielded_at = 0;
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(woken_at < yielded_at);
	CHECK_EQ(flags_at_yield, PREEMPT_DELAY);
	kill(id);
	kill(equal);
}

/* --- signals --- */

static uint64_t word(unsigned i)
{
	return UINT64_C(0xfeed000000000000) + i;
}

/* Is preempted once, with all message registers in use. */
static void be_preempted(void *arg)
{
	struct utcb *utcb = l4_utcb();
	uint64_t start;

	(void)arg;
	L4_Set_ExceptionHandler(tester);
	utcb->flags = PREEMPT_SIGNAL;
	for (unsigned i = 0; i < UTCB_MR_COUNT; i++)
		utcb->mr[i] = word(i);
	utcb->error_code = 77;
	start = tsc();
	while (!woken_at || tsc() - start < 1000000)
		__asm__ volatile("" : : : "memory");
	kept = utcb->error_code == 77;
	for (unsigned i = 0; i < UTCB_MR_COUNT; i++)
		kept = kept && utcb->mr[i] == word(i);
	__asm__ volatile("" : : : "memory");
	utcb->flags = 0;
	ended_at = L4_SystemClock();
	rest();
}

static thread_id_t spawn_low(void (*entry)(void *))
{
	thread_id_t id = spawn(entry, NULL);

	tester = L4_MyGlobalId();
	woken_at = 0;
	ended_at = 0;
	kept = false;
	CHECK(L4_Set_Priority(id, LOW) != SCHEDULE_ERROR);
	return id;
}

TEST(the_exception_handler_hears_of_a_preemption)
{
	thread_id_t id = spawn_low(be_preempted);
	thread_id_t high = spawn(wake_later, NULL);
	uint64_t clock, zero;
	L4_MsgTag_t tag;

	CHECK(L4_Set_Priority(high, HIGH) != SCHEDULE_ERROR);
	tag = L4_Receive_Timeout(id, L4_TimePeriod(LONG_US));
	L4_StoreMR(1, &clock);
	L4_StoreMR(2, &zero);
	CHECK_EQ(tag.raw, msgtag_make(PROTOCOL_PREEMPTION, 2, 0).raw);
	CHECK(clock <= woken_at && clock + WAKE_US > woken_at);
	CHECK_EQ(zero, 0);

	/* It does not wait for an answer. */
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(ended_at != 0);
	CHECK(kept);
	kill(id);
	kill(high);
}

TEST(a_handler_that_does_not_listen_is_not_waited_for)
{
	thread_id_t id = spawn_low(be_preempted);
	thread_id_t high = spawn(wake_later, NULL);

	CHECK(L4_Set_Priority(high, HIGH) != SCHEDULE_ERROR);
	L4_Sleep(L4_TimePeriod(LONG_US));
	CHECK(ended_at != 0);
	CHECK(kept);
	CHECK(msgtag_failed(L4_Receive_Timeout(id, L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	kill(id);
	kill(high);
}

static thread_id_t receiver;

static void receive_one(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	(void)L4_Wait(&from);
	woken_at = L4_SystemClock();
	rest();
}

static void wake_receiver(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(tester);
	l4_utcb()->flags = PREEMPT_SIGNAL;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(receiver);
	ended_at = L4_SystemClock();
	rest();
}

TEST(waking_somebody_oneself_is_not_a_preemption)
{
	thread_id_t id;

	receiver = spawn(receive_one, NULL);
	settle();
	id = spawn_low(wake_receiver);
	CHECK(msgtag_failed(L4_Receive_Timeout(id, L4_TimePeriod(LONG_US))));
	CHECK(woken_at != 0 && ended_at >= woken_at);
	kill(id);
	kill(receiver);
}

TAP_MAIN(CASE(preemption_is_put_off_until_the_thread_yields),
	CASE(not_if_the_other_is_more_important_than_its_sensitive_priority),
	CASE(not_without_a_delay_that_it_was_given),
	CASE(not_for_longer_than_it_was_given),
	CASE(the_end_of_a_slice_is_put_off_too),
	CASE(the_exception_handler_hears_of_a_preemption),
	CASE(a_handler_that_does_not_listen_is_not_waited_for),
	CASE(waking_somebody_oneself_is_not_a_preemption))
