/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server domain that is busy answers all the same: in user mode it is
 * interrupted, and while it is in another's request the next one waits.
 */
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/schedule.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

#define NAP_US 20000

TEST(a_server_whose_domain_computes_answers)
{
	uint64_t result = 0;

	CHECK_EQ(ask(SERVE_COMPUTE, 1, &result), 0);
	for (uint64_t i = 0; i < 20; i++) {
		REQUIRE(ask(SERVE_ECHO, i, &result) == 0);
		CHECK_EQ(result, i + 1);
	}
	CHECK_EQ(ask(SERVE_COMPUTE, 0, &result), 0);
}

static volatile uint64_t nap_over;

static void nap(void *arg)
{
	uint64_t unused;

	(void)arg;
	(void)ask(SERVE_SLEEP, NAP_US, &unused);
	nap_over = L4_SystemClock();
}

TEST(a_request_waits_until_the_one_before_is_answered)
{
	uint64_t result = 0;

	nap_over = 0;
	(void)spawn(nap, NULL);
	pause_us(NAP_US / 4);
	CHECK_EQ(ask(SERVE_ECHO, 1, &result), 0);
	CHECK_EQ(result, 2);
	pause_us(NAP_US / 4);
	CHECK(nap_over != 0);
}

TAP_MAIN(CASE(a_server_whose_domain_computes_answers),
	CASE(a_request_waits_until_the_one_before_is_answered))
