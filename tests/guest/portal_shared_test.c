/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server that another domain calls without end serves this one too: who
 * comes while it is in the other's request helps it to finish.
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "tests/tap.h"

#define CALLS 100
#define COMPUTE_US 100
#define LIMIT_US 1000000

/* Asks for COMPUTE_US; what the server says it did goes to *@us. */
static bool call(thread_id_t server, uint64_t *us)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, COMPUTE_US);
	if (msgtag_failed(L4_Call_Timeouts(
		    server, L4_TimePeriod(LIMIT_US), L4_TimePeriod(LIMIT_US))))
		return false;
	L4_StoreMR(1, us);
	return true;
}

TEST(every_call_is_answered)
{
	thread_id_t server = portal_from_args();
	uint64_t us = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		REQUIRE(call(server, &us));
		REQUIRE(us == COMPUTE_US);
	}
}

/* Far less than the other domain's share of the CPU would make us wait. */
TEST(a_call_waits_for_one_request_of_the_other)
{
	thread_id_t server = portal_from_args();
	uint64_t least = UINT64_MAX;
	uint64_t us;

	for (unsigned i = 0; i < CALLS; i++) {
		uint64_t start = L4_SystemClock();

		REQUIRE(call(server, &us));

		uint64_t took = L4_SystemClock() - start;

		if (took < least)
			least = took;
	}
	CHECK(least < 3 * COMPUTE_US);
}

TAP_MAIN(CASE(every_call_is_answered),
	CASE(a_call_waits_for_one_request_of_the_other))
