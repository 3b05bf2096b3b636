/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzzer on the kernel as it is: the kernel neither stops nor loses
 * memory.  tests/system/kernel_fuzz.test looks closer.
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/guest/fuzz/fuzz.h"
#include "tests/tap.h"

#define CALLS 20000
#define FIRST_FILLER 2000u
#define FILLERS 1000u

/* Spaces that the kernel has memory for. */
static unsigned capacity(void)
{
	unsigned n = 0;

	while (n < FILLERS) {
		thread_id_t id = thread_id_global(FIRST_FILLER + n, 1);

		if (L4_ThreadControl(id, id, L4_MyGlobalId(), THREAD_NIL,
			    UTCB_LOCATION_NONE) == 0)
			break;
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		kill(thread_id_global(FIRST_FILLER + i, 1));
	return n;
}

TEST(random_calls_stop_nothing)
{
	CHECK(fuzz_run(1, CALLS) >= CALLS);
}

TEST(random_calls_cost_no_memory)
{
	unsigned before, after;

	before = capacity();
	CHECK(fuzz_run(2, CALLS) >= CALLS);
	after = capacity();
	CHECK(before > 0);
	CHECK(before < FILLERS);
	CHECK_EQ(after, before);
}

static void answer(void *arg)
{
	(void)arg;
	L4_LoadMR(0, MSGTAG_EMPTY.raw);
	(void)L4_Call(fuzz_root);
}

TEST(the_kernel_serves_as_before)
{
	thread_id_t id = spawn_in_new_space(answer, NULL);

	REQUIRE(!thread_id_is_nil(id));
	CHECK(!msgtag_failed(L4_Receive_Timeout(id, L4_TimePeriod(1000000))));
	kill(id);
}

TAP_MAIN(CASE(random_calls_stop_nothing), CASE(random_calls_cost_no_memory),
	CASE(the_kernel_serves_as_before))
