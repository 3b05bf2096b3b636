/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server domain that ends: its callers get X.2 errors and run on.
 */
#include "servers/lib/libhurd/task.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

#define PATIENCE 200 /* times 50 ms */

static volatile uint64_t first_code = 99, second_code = 99;
static volatile bool first_over, second_over;

static void call_and_wait(void *arg)
{
	(void)arg;
	request(SERVE_SLEEP, 20000);
	first_code = error_of(L4_Call(partner()));
	request(SERVE_EXIT, 0);
	first_code = error_of(L4_Call(partner()));
	first_over = true;
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
	second_over = true;
}

TEST(callers_of_a_server_that_ends_get_errors)
{
	uint64_t result;

	CHECK_EQ(ask(SERVE_ECHO, 1, &result), 0);
	(void)spawn(call_and_wait, NULL);
	(void)spawn(call_later, NULL);
	for (unsigned i = 0; i < PATIENCE && !(first_over && second_over); i++)
		pause_us(50000);
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
