/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeout that begins when the other domain does something: on two CPUs it is
 * the server's executor that sets the timer of the client's, which is asleep.
 * tests/system/executors.test runs it so.
 *
 * One call alone: after it timers of this domain wake the executor anyway.
 */
#include "servers/lib/libl4/schedule.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

#define LIMIT_US 20000
#define LATE_US 500000 /* it looks by itself after a second */

/* The receive phase begins when the server takes what nobody answers. */
TEST(a_receive_timeout_wakes_who_sleeps)
{
	uint64_t start = L4_SystemClock(), took;

	request(SERVE_FORGET, 0);
	CHECK_EQ(error_of(L4_Call_Timeouts(
			 partner(), L4_Never, L4_TimePeriod(LIMIT_US))),
		IPC_RECEIVE_TIMEOUT);
	took = L4_SystemClock() - start;
	CHECK(took >= LIMIT_US);
	CHECK(took < LATE_US);
}

TAP_MAIN(CASE(a_receive_timeout_wakes_who_sleeps))
