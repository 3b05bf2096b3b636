/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timeouts: how long a sender or receiver waits, and what it learns then.
 * Source: L4 X.2 Reference Manual, "IPC", error codes.
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define WAIT_US 20000
#define SLACK_US 200000 /* other domains may run */

static const thread_id_t nobody = {UINT64_C(0x1000000000001)};

static void sleep_forever(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void check_waited(uint64_t start)
{
	uint64_t us = L4_SystemClock() - start;

	CHECK(us >= WAIT_US);
	CHECK(us < WAIT_US + SLACK_US);
}

TEST(send_to_a_thread_that_never_was_finds_no_partner)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send(nobody)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

TEST(receive_from_a_thread_that_never_was_finds_no_partner)
{
	CHECK(msgtag_failed(L4_Receive(nobody)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_NO_PARTNER);
}

TEST(send_to_a_busy_thread_times_out_at_once)
{
	thread_id_t busy = spawn(sleep_forever, NULL);

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send_Timeout(busy, L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	kill(busy);
}

TEST(send_to_a_busy_thread_times_out_later)
{
	thread_id_t busy = spawn(sleep_forever, NULL);
	uint64_t start = L4_SystemClock();

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send_Timeout(busy, L4_TimePeriod(WAIT_US))));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	check_waited(start);
	kill(busy);
}

TEST(receive_times_out_at_once)
{
	L4_ThreadId_t from;

	CHECK(msgtag_failed(L4_Wait_Timeout(L4_ZeroTime, &from)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
}

TEST(receive_times_out_later)
{
	L4_ThreadId_t from;
	uint64_t start = L4_SystemClock();

	CHECK(msgtag_failed(L4_Wait_Timeout(L4_TimePeriod(WAIT_US), &from)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	check_waited(start);
}

TEST(receive_times_out_at_a_point_on_the_clock)
{
	L4_ThreadId_t from;
	uint64_t start = L4_SystemClock();

	CHECK(msgtag_failed(
		L4_Wait_Timeout(time_point(start + WAIT_US, start), &from)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	check_waited(start);
}

TEST(send_times_out_at_a_point_on_the_clock)
{
	thread_id_t busy = spawn(sleep_forever, NULL);
	uint64_t start = L4_SystemClock();

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(
		L4_Send_Timeout(busy, time_point(start + WAIT_US, start))));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	check_waited(start);
	kill(busy);
}

TEST(call_times_out_at_points_on_the_clock)
{
	thread_id_t deaf = spawn(sleep_forever, NULL);
	uint64_t start = L4_SystemClock();

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(
		L4_Call_Timeouts(deaf, time_point(start + WAIT_US, start),
			time_point(start + 2 * WAIT_US, start))));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	check_waited(start);
	kill(deaf);
}

/* This moment, in steps of 32 us, which is over already. */
static l4_time_t point_of_now(void)
{
	uint64_t steps = L4_SystemClock() >> 5;

	return (l4_time_t){
		(uint16_t)(TIME_POINT_BIT | 5u << TIME_POINT_SHIFT |
			   (steps & (TIME_MANTISSA_MASK | TIME_CLOCK_BIT)))};
}

TEST(a_point_that_has_passed_is_at_once)
{
	thread_id_t busy = spawn(sleep_forever, NULL);
	L4_ThreadId_t from;
	uint64_t start = L4_SystemClock();

	CHECK(msgtag_failed(L4_Wait_Timeout(point_of_now(), &from)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send_Timeout(busy, point_of_now())));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	CHECK(L4_SystemClock() - start < WAIT_US);
	kill(busy);
}

/* No mantissa: no length, with whatever exponent. */
TEST(each_encoding_of_no_length_is_at_once)
{
	thread_id_t busy = spawn(sleep_forever, NULL);
	L4_ThreadId_t from;
	uint64_t start = L4_SystemClock();

	settle();
	for (unsigned e = 1; e <= TIME_EXPONENT_MASK; e++) {
		l4_time_t zero = {(uint16_t)(e << TIME_EXPONENT_SHIFT)};

		CHECK(msgtag_failed(L4_Wait_Timeout(zero, &from)));
		CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
		L4_Set_MsgTag(MSGTAG_EMPTY);
		CHECK(msgtag_failed(L4_Send_Timeout(busy, zero)));
		CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	}
	CHECK(L4_SystemClock() - start < SLACK_US);
	kill(busy);
}

/* One encoding goes the short way, the other the long one. */
static const l4_time_t both_zeroes[] = {{TIME_ZERO_RAW}, {2 * TIME_ZERO_RAW}};

static uint64_t receive_at_once(thread_id_t from, l4_time_t zero)
{
	L4_Set_MsgTag(msgtag_make(0x1234, 3, 2));
	L4_LoadMR(1, 1);

	L4_MsgTag_t tag = L4_Receive_Timeout(from, zero);
	uint64_t mr1;

	L4_StoreMR(1, &mr1);
	CHECK_EQ(mr1, 1);
	CHECK_EQ(tag.raw, MSGTAG_ERROR);
	return L4_ErrorCode();
}

TEST(a_receive_that_finds_nothing_tells_the_same_by_both_ways)
{
	thread_id_t quiet = spawn(sleep_forever, NULL);

	for (unsigned i = 0; i < 2; i++) {
		l4_time_t zero = both_zeroes[i];

		CHECK_EQ(receive_at_once(quiet, zero), IPC_RECEIVE_TIMEOUT);
		CHECK_EQ(receive_at_once(L4_LocalIdOf(quiet), zero),
			IPC_RECEIVE_TIMEOUT);
		CHECK_EQ(receive_at_once(L4_anythread, zero),
			IPC_RECEIVE_TIMEOUT);
		CHECK_EQ(receive_at_once(L4_anylocalthread, zero),
			IPC_RECEIVE_TIMEOUT);
		CHECK_EQ(receive_at_once(nobody, zero), IPC_RECEIVE_NO_PARTNER);
	}
	kill(quiet);
}

TEST(neither_to_send_nor_to_receive_is_no_error)
{
	L4_ThreadId_t from;

	for (unsigned i = 0; i < 2; i++) {
		l4_time_t zero = both_zeroes[i];

		L4_Set_MsgTag(MSGTAG_EMPTY);
		CHECK(!msgtag_failed(L4_Ipc(L4_nilthread, L4_nilthread,
			TIMEOUTS(zero, zero), &from)));
	}
}

static void send_label(void *arg)
{
	L4_Set_MsgTag(msgtag_make(77, 0, 0));
	(void)L4_Send(*(thread_id_t *)arg);
	sleep_forever(NULL);
}

TEST(who_waits_already_to_send_is_found_at_once)
{
	static thread_id_t self;

	self = L4_MyGlobalId();
	for (unsigned i = 0; i < 2; i++) {
		thread_id_t sender = spawn(send_label, &self);
		thread_id_t quiet = spawn(sleep_forever, NULL);

		settle();
		CHECK_EQ(receive_at_once(quiet, both_zeroes[i]),
			IPC_RECEIVE_TIMEOUT);
		CHECK_EQ(L4_Receive_Timeout(sender, both_zeroes[i]).raw,
			msgtag_make(77, 0, 0).raw);
		kill(quiet);
		kill(sender);
	}
}

static thread_id_t caller;

static void answer_at_once(void *arg)
{
	(void)L4_Receive(caller);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	if (msgtag_failed(L4_Send_Timeout(caller, L4_ZeroTime)))
		*(volatile uint64_t *)arg = L4_ErrorCode();
	sleep_forever(arg);
}

TEST(who_calls_can_be_answered_without_waiting)
{
	static volatile uint64_t code;

	caller = L4_MyGlobalId();

	thread_id_t server = spawn(answer_at_once, (void *)&code);

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Call(server)));
	settle();
	CHECK_EQ(code, 0);
	kill(server);
}

TEST(call_that_is_not_taken_times_out_sending)
{
	thread_id_t deaf = spawn(sleep_forever, NULL);

	/* It accepts nobody, so the send phase must be the one to end. */
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Call_Timeouts(
		deaf, L4_TimePeriod(WAIT_US), L4_TimePeriod(WAIT_US))));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
	kill(deaf);
}

static void receive_once(void *arg)
{
	(void)L4_Receive(*(thread_id_t *)arg);
	sleep_forever(NULL);
}

TEST(call_that_is_taken_but_not_answered_times_out_receiving)
{
	static thread_id_t self;

	self = L4_MyGlobalId();

	thread_id_t taker = spawn(receive_once, &self);

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(
		L4_Call_Timeouts(taker, L4_Never, L4_TimePeriod(WAIT_US))));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	kill(taker);
}

TAP_MAIN(CASE(send_to_a_thread_that_never_was_finds_no_partner),
	CASE(receive_from_a_thread_that_never_was_finds_no_partner),
	CASE(send_to_a_busy_thread_times_out_at_once),
	CASE(send_to_a_busy_thread_times_out_later),
	CASE(receive_times_out_at_once), CASE(receive_times_out_later),
	CASE(receive_times_out_at_a_point_on_the_clock),
	CASE(send_times_out_at_a_point_on_the_clock),
	CASE(call_times_out_at_points_on_the_clock),
	CASE(a_point_that_has_passed_is_at_once),
	CASE(each_encoding_of_no_length_is_at_once),
	CASE(a_receive_that_finds_nothing_tells_the_same_by_both_ways),
	CASE(neither_to_send_nor_to_receive_is_no_error),
	CASE(who_waits_already_to_send_is_found_at_once),
	CASE(who_calls_can_be_answered_without_waiting),
	CASE(call_that_is_not_taken_times_out_sending),
	CASE(call_that_is_taken_but_not_answered_times_out_receiving))
