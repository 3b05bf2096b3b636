/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/check/timeout.c */
/*
 * The guest kernel's timeout queue, against an array.
 */
#include "guestkernel/check/check.h"
#include "guestkernel/thread.h"
#include "guestkernel/timeout.h"
#include "tests/tap.h"

#define THREADS 200
#define STEPS 100000

static struct tcb thread[THREADS];
static bool queued[THREADS];
static uint64_t now = 1; /* of the last look */

void check_that(bool ok, const char *what, const void *object)
{
	(void)object;
	if (!ok)
		tap_print("# %s\n", what);
	CHECK(ok);
}

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (random_state >> 33) % limit;
}

static void put_in(unsigned n, uint64_t deadline)
{
	timeout_add(&thread[n], deadline);
	queued[n] = true;
	CHECK(thread[n].flags & THREAD_TIMEOUT);
}

static void take_out(unsigned n)
{
	timeout_remove(&thread[n]);
	queued[n] = false;
	CHECK(!(thread[n].flags & THREAD_TIMEOUT));
}

static unsigned nr_queued(void)
{
	unsigned nr = 0;

	for (unsigned n = 0; n < THREADS; n++)
		nr += queued[n];
	return nr;
}

static uint64_t earliest(void)
{
	uint64_t deadline = TIMEOUT_NEVER;

	for (unsigned n = 0; n < THREADS; n++)
		if (queued[n] && thread[n].deadline < deadline)
			deadline = thread[n].deadline;
	return deadline;
}

/* Takes out all who are due at @time; returns how many. */
static unsigned look(uint64_t time)
{
	unsigned count = 0;
	struct tcb *t;

	now = time;
	while ((t = timeout_due(now))) {
		CHECK(t->deadline <= now + 1);
		take_out((unsigned)(t - thread));
		count++;
	}
	return count;
}

static void empty(void)
{
	for (unsigned n = 0; n < THREADS; n++)
		if (queued[n])
			take_out(n);
	CHECK_EQ(look(now + 1), 0);
	CHECK_EQ(timeout_next(), TIMEOUT_NEVER);
}

TEST(an_empty_queue_has_no_deadline)
{
	CHECK(!timeout_due(now));
	CHECK_EQ(timeout_next(), TIMEOUT_NEVER);
}

TEST(deadlines_come_in_order)
{
	static const uint64_t deadline[] = {5000, 1000, 4000, 2000, 3000};

	for (unsigned n = 0; n < 5; n++)
		put_in(n, deadline[n]);
	for (unsigned n = 0; n < 5; n++) {
		CHECK_EQ(timeout_next(), (n + 1) * 1000);
		CHECK_EQ(look((n + 1) * 1000 - 2), 0);
		CHECK_EQ(look((n + 1) * 1000), 1);
	}
	empty();
}

TEST(equal_deadlines_all_come)
{
	uint64_t deadline = now + 777;

	for (unsigned n = 0; n < THREADS; n++)
		put_in(n, deadline);
	CHECK_EQ(look(deadline - 2), 0);
	CHECK_EQ(look(deadline + 5), THREADS);
	empty();
}

TEST(a_deadline_that_has_passed_is_due_at_once)
{
	put_in(0, now - 1);
	put_in(1, 0);
	CHECK(timeout_next() <= now);
	CHECK_EQ(look(now), 2);
	empty();
}

TEST(one_that_never_comes_does_not_come)
{
	put_in(0, TIMEOUT_NEVER - 1);
	put_in(1, now + 10);
	CHECK_EQ(look(now + 1000), 1);
	CHECK_EQ(timeout_next(), TIMEOUT_NEVER - 1);
	empty();
}

/* The next look is never later than the earliest deadline, and progresses. */
TEST(looking_when_told_finds_each_in_time)
{
	unsigned looks = 0;

	for (unsigned n = 0; n < THREADS; n++)
		put_in(n, now + 1000 + random_below(UINT64_C(1) << 40));
	while (earliest() != TIMEOUT_NEVER) {
		uint64_t at = timeout_next();

		REQUIRE(at <= earliest() && at > now);
		(void)look(at);
		looks++;
	}
	/* Too early at most once for each bit of a crowded list's deadlines. */
	CHECK(looks < THREADS + 64);
	empty();
}

static uint64_t random_deadline(void)
{
	return now + random_below(UINT64_C(1) << random_below(30));
}

TEST(threads_come_and_go_in_any_order)
{
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned n = (unsigned)random_below(THREADS);

		if (queued[n])
			take_out(n);
		else
			put_in(n, random_deadline());
		REQUIRE(timeout_next() <= earliest());
		REQUIRE(check_timeouts() == nr_queued());
		if (random_below(4) == 0) {
			(void)look(random_deadline());
			REQUIRE(earliest() > now);
		}
	}
	empty();
}

TAP_MAIN(CASE(an_empty_queue_has_no_deadline), CASE(deadlines_come_in_order),
	CASE(equal_deadlines_all_come),
	CASE(a_deadline_that_has_passed_is_due_at_once),
	CASE(one_that_never_comes_does_not_come),
	CASE(looking_when_told_finds_each_in_time),
	CASE(threads_come_and_go_in_any_order))
