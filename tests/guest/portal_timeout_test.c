/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timeouts and cancellation of calls between domains: the whole X.2 values, in
 * the phase that the call was in.
 */
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

#define NAP_US 60000
#define SHORT_US 10000
#define SOON_US 300

static volatile uint64_t code;
static volatile bool done;

static void settle(void)
{
	pause_us(3000);
}

/* Keeps the server asleep, that is, in a request, for NAP_US. */
static void keep_busy(void *arg)
{
	uint64_t unused;

	(void)arg;
	(void)ask(SERVE_SLEEP, NAP_US, &unused);
}

static void make_busy(void)
{
	(void)spawn(keep_busy, NULL);
	settle();
}

TEST(zero_send_timeout_reaches_a_server_that_waits)
{
	uint64_t unused;

	CHECK_EQ(ask(SERVE_ECHO, 0, &unused), 0);
	settle();
	request(SERVE_ECHO, 1);
	CHECK_EQ(error_of(L4_Call_Timeouts(
			 partner(), L4_ZeroTime, L4_TimePeriod(LONG_US))),
		0);
}

TEST(zero_send_timeout_fails_at_a_server_that_does_not_accept)
{
	make_busy();
	request(SERVE_ECHO, 1);
	CHECK_EQ(error_of(L4_Call_Timeouts(partner(), L4_ZeroTime, L4_Never)),
		IPC_SEND_TIMEOUT);
	pause_us(2 * NAP_US);
}

TEST(a_send_timeout_ends_the_wait_for_a_server)
{
	make_busy();

	uint64_t start = L4_SystemClock();

	request(SERVE_ECHO, 1);
	CHECK_EQ(error_of(L4_Call_Timeouts(
			 partner(), L4_TimePeriod(SHORT_US), L4_Never)),
		IPC_SEND_TIMEOUT);
	CHECK(L4_SystemClock() - start >= SHORT_US);
	pause_us(2 * NAP_US);
}

TEST(a_receive_timeout_ends_the_wait_for_a_reply)
{
	uint64_t start = L4_SystemClock();

	request(SERVE_FORGET, 0);
	CHECK_EQ(error_of(L4_Call_Timeouts(
			 partner(), L4_Never, L4_TimePeriod(SHORT_US))),
		IPC_RECEIVE_TIMEOUT);
	CHECK(L4_SystemClock() - start >= SHORT_US);
}

/*
 * It runs when the receive phase begins, and has no exit.  One time in two the
 * machine may be busy with other things.
 */
TEST(a_server_that_computes_does_not_delay_a_timeout)
{
	unsigned in_time = 0;

	for (unsigned i = 0; i < 10; i++) {
		uint64_t start = L4_SystemClock();

		request(SERVE_WORK, 10 * SOON_US);
		CHECK_EQ(error_of(L4_Call_Timeouts(
				 partner(), L4_Never, L4_TimePeriod(SOON_US))),
			IPC_RECEIVE_TIMEOUT);
		in_time += L4_SystemClock() - start < 3 * SOON_US;
		pause_us(20 * SOON_US);
	}
	CHECK(in_time >= 5);
}

TEST(a_late_reply_finds_no_partner)
{
	uint64_t error;

	request(SERVE_SLEEP, NAP_US);
	CHECK_EQ(error_of(L4_Call_Timeouts(
			 partner(), L4_Never, L4_TimePeriod(SHORT_US))),
		IPC_RECEIVE_TIMEOUT);
	pause_us(2 * NAP_US);
	CHECK_EQ(ask(SERVE_LAST_ERROR, 0, &error), 0);
	CHECK_EQ(error, IPC_SEND_NO_PARTNER);
}

static void call_forget(void *arg)
{
	(void)arg;
	request(SERVE_FORGET, 0);
	code = error_of(L4_Call(partner()));
	done = true;
	for (;;)
		L4_Sleep(L4_Never);
}

static void call_echo(void *arg)
{
	(void)arg;
	request(SERVE_ECHO, 0);
	code = error_of(L4_Call(partner()));
	done = true;
	for (;;)
		L4_Sleep(L4_Never);
}

static void begin_and_cancel(void (*entry)(void *))
{
	done = false;
	code = 99;

	thread_id_t id = spawn(entry, NULL);

	settle();
	CHECK(!done);
	CHECK(!thread_id_is_nil(L4_AbortIpc(id)));
	settle();
	CHECK(done);
	CHECK_EQ(thread_delete(id), 0);
}

TEST(a_call_in_its_receive_phase_is_cancelled)
{
	begin_and_cancel(call_forget);
	CHECK_EQ(code, IPC_RECEIVE_CANCELLED);
}

TEST(a_call_in_its_send_phase_is_cancelled)
{
	make_busy();
	begin_and_cancel(call_echo);
	CHECK_EQ(code, IPC_SEND_CANCELLED);
	pause_us(2 * NAP_US);
}

TEST(a_caller_that_is_deleted_leaves_nothing_behind)
{
	uint64_t result;

	for (unsigned i = 0; i < 3; i++) {
		thread_id_t id = spawn(call_forget, NULL);

		settle();
		CHECK_EQ(thread_delete(id), 0);
	}
	CHECK_EQ(ask(SERVE_ECHO, 7, &result), 0);
	CHECK_EQ(result, 8);
}

TAP_MAIN(CASE(zero_send_timeout_reaches_a_server_that_waits),
	CASE(zero_send_timeout_fails_at_a_server_that_does_not_accept),
	CASE(a_send_timeout_ends_the_wait_for_a_server),
	CASE(a_receive_timeout_ends_the_wait_for_a_reply),
	CASE(a_server_that_computes_does_not_delay_a_timeout),
	CASE(a_late_reply_finds_no_partner),
	CASE(a_call_in_its_receive_phase_is_cancelled),
	CASE(a_call_in_its_send_phase_is_cancelled),
	CASE(a_caller_that_is_deleted_leaves_nothing_behind))
