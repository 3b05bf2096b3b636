/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server domain that ends: its callers get X.2 errors and run on.
 */
#include "servers/lib/libhurd/task.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

static volatile uint64_t first_code = 99, second_code = 99;

static void call_and_wait(void *arg)
{
	(void)arg;
	request(SERVE_SLEEP, 20000);
	first_code = error_of(L4_Call(partner()));
	request(SERVE_EXIT, 0);
	first_code = error_of(L4_Call(partner()));
}

/* It is queued behind the request in which the server ends. */
static void call_later(void *arg)
{
	(void)arg;
	pause_us(5000);
	request(SERVE_SLEEP, 20000);
	second_code = error_of(L4_Call(partner()));
	if (second_code == 0) {
		request(SERVE_ECHO, 0);
		second_code = error_of(L4_Call(partner()));
	}
}

TEST(callers_of_a_server_that_ends_get_errors)
{
	uint64_t result;

	CHECK_EQ(ask(SERVE_ECHO, 1, &result), 0);
	(void)spawn(call_and_wait, NULL);
	(void)spawn(call_later, NULL);
	pause_us(200000);
	CHECK_EQ(first_code, IPC_RECEIVE_NO_PARTNER);
	CHECK(second_code == IPC_SEND_NO_PARTNER ||
		second_code == IPC_RECEIVE_NO_PARTNER);
}

TEST(a_later_call_finds_no_partner)
{
	uint64_t result;

	CHECK_EQ(ask(SERVE_ECHO, 1, &result), IPC_SEND_NO_PARTNER);
	request(SERVE_NOTE, 1);
	CHECK_EQ(error_of(L4_Send(partner())), IPC_SEND_NO_PARTNER);
}

TAP_MAIN(CASE(callers_of_a_server_that_ends_get_errors),
	CASE(a_later_call_finds_no_partner))
