/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/timeout.c */
/*
 * The guest kernel's timeout queue, against a sorted array.
 */
#include "guestkernel/thread.h"
#include "guestkernel/timeout.h"
#include "tests/tap.h"

#define THREADS 200
#define STEPS 20000

static struct tcb thread[THREADS];
static bool queued[THREADS];

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (random_state >> 33) % limit;
}

static uint64_t model_next(void)
{
	uint64_t next = TIMEOUT_NEVER;

	for (unsigned n = 0; n < THREADS; n++)
		if (queued[n] && thread[n].deadline < next)
			next = thread[n].deadline;
	return next;
}

static void take_out(unsigned n)
{
	timeout_remove(&thread[n]);
	queued[n] = false;
	CHECK(!(thread[n].flags & THREAD_TIMEOUT));
}

static void empty(void)
{
	while (timeout_first())
		take_out((unsigned)(timeout_first() - thread));
}

TEST(an_empty_queue_has_no_deadline)
{
	CHECK(!timeout_first());
	CHECK_EQ(timeout_next(), TIMEOUT_NEVER);
}

TEST(deadlines_come_in_order)
{
	static const uint64_t deadline[] = {50, 10, 40, 20, 30};
	uint64_t before = 0;

	for (unsigned n = 0; n < 5; n++) {
		timeout_add(&thread[n], deadline[n]);
		CHECK(thread[n].flags & THREAD_TIMEOUT);
	}
	for (unsigned n = 0; n < 5; n++) {
		CHECK_EQ(timeout_next(), before + 10);
		before = timeout_next();
		timeout_remove(timeout_first());
	}
	CHECK(!timeout_first());
}

TEST(equal_deadlines_all_come)
{
	for (unsigned n = 0; n < THREADS; n++) {
		timeout_add(&thread[n], 7);
		queued[n] = true;
	}
	empty();
	for (unsigned n = 0; n < THREADS; n++)
		CHECK(!queued[n]);
}

TEST(threads_come_and_go_in_any_order)
{
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned n = (unsigned)random_below(THREADS);

		if (queued[n]) {
			take_out(n);
		} else if (random_below(8) == 0 && timeout_first()) {
			take_out((unsigned)(timeout_first() - thread));
		} else {
			timeout_add(&thread[n], random_below(1000));
			queued[n] = true;
		}
		REQUIRE(timeout_next() == model_next());
	}
	empty();
	CHECK_EQ(model_next(), TIMEOUT_NEVER);
}

TAP_MAIN(CASE(an_empty_queue_has_no_deadline), CASE(deadlines_come_in_order),
	CASE(equal_deadlines_all_come), CASE(threads_come_and_go_in_any_order))
