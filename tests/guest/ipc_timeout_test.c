/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timeouts: how long a sender or receiver waits, and what it learns then.
 * Source: L4 X.2 Reference Manual, "IPC", error codes.
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
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
	CASE(call_that_is_not_taken_times_out_sending),
	CASE(call_that_is_taken_but_not_answered_times_out_receiving))
