/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/check/ready.c guestkernel/ring.c */
/*
 * The guest kernel's ready queue: highest priority first, in turn among
 * equals.
 */
#include "guestkernel/check/check.h"
#include "guestkernel/ready.h"
#include "guestkernel/thread.h"
#include "tests/tap.h"

#define MANY 40
#define STEPS 100000

static struct tcb thread[MANY];
static const char *failure;

void check_that(bool ok, const char *what, const void *object)
{
	(void)object;
	if (!ok && !failure)
		failure = what;
}

static struct tcb *with_priority(unsigned n, uint8_t priority)
{
	thread[n] = (struct tcb){.id = n + 1, .priority = priority};
	return &thread[n];
}

static void check_order(const char *order)
{
	for (; *order; order++) {
		struct tcb *t = ready_take();

		CHECK_EQ(t ? t - thread : -1, *order - '0');
		CHECK(!t || t->queue == QUEUE_NONE);
	}
	CHECK(!ready_take());
	CHECK_EQ(ready_highest, -1);
}

TEST(an_empty_queue_gives_nothing)
{
	check_order("");
}

TEST(the_highest_priority_comes_first)
{
	ready_add_last(with_priority(0, 63));
	ready_add_last(with_priority(1, 255));
	ready_add_last(with_priority(2, 0));
	ready_add_last(with_priority(3, 64));
	CHECK_EQ(ready_highest, 255);
	check_order("1302");
}

TEST(equals_come_in_turn)
{
	for (unsigned n = 0; n < 3; n++)
		ready_add_last(with_priority(n, 100));
	ready_add_last(ready_take());
	check_order("120");
}

TEST(the_first_place_is_before_all_equals)
{
	ready_add_last(with_priority(0, 100));
	ready_add_last(with_priority(1, 100));
	ready_add_first(with_priority(2, 100));
	check_order("201");
}

TEST(a_thread_takes_the_place_of_the_first)
{
	for (unsigned others = 0; others < 3; others++) {
		for (unsigned n = 0; n <= others; n++)
			ready_add_last(with_priority(n, 7));
		ready_replace(&thread[0], with_priority(3, 7));
		ready_ring[7] = &thread[3];
		CHECK_EQ(thread[0].queue, QUEUE_NONE);
		CHECK_EQ(thread[3].queue, QUEUE_READY);
		CHECK_EQ(ready_take() - thread, 3);
		for (unsigned n = 1; n <= others; n++)
			CHECK_EQ(ready_take() - thread, n);
		check_order("");
	}
}

TEST(a_thread_is_taken_out_from_any_place)
{
	for (unsigned removed = 0; removed < 4; removed++) {
		for (unsigned n = 0; n < 4; n++)
			ready_add_last(with_priority(n, 7));
		ready_remove(&thread[removed]);
		for (unsigned n = 0; n < 4; n++)
			if (n != removed)
				CHECK_EQ(ready_take() - thread, n);
		check_order("");
	}
}

TEST(the_highest_falls_when_its_last_thread_goes)
{
	ready_add_last(with_priority(0, 200));
	ready_add_last(with_priority(1, 3));
	ready_remove(&thread[0]);
	CHECK_EQ(ready_highest, 3);
	check_order("1");
}

/* A queue of numbers per priority, first to last. */
static unsigned model[256][MANY], length[256];

static void model_add(unsigned n, unsigned priority, bool first)
{
	unsigned *q = model[priority];
	unsigned at = first ? 0 : length[priority];

	for (unsigned i = length[priority]++; i > at; i--)
		q[i] = q[i - 1];
	q[at] = n;
}

static void model_remove(unsigned n, unsigned priority)
{
	unsigned *q = model[priority];
	unsigned i = 0;

	while (q[i] != n)
		i++;
	for (length[priority]--; i < length[priority]; i++)
		q[i] = q[i + 1];
}

static int model_first(void)
{
	for (int p = 255; p >= 0; p--)
		if (length[p])
			return (int)model[p][0];
	return -1;
}

/* Few priorities, at the edges of words. */
static void random_step(uint64_t r)
{
	static const uint8_t priority[] = {0, 1, 63, 64, 127, 128, 254, 255};
	unsigned n = (unsigned)(r >> 8) % MANY;

	if (r % 8 == 0) {
		const struct tcb *t = ready_take();
		int first = model_first();

		CHECK_EQ(t ? t - thread : -1, first);
		if (t)
			model_remove((unsigned)first, t->priority);
	} else if (thread[n].queue == QUEUE_READY) {
		model_remove(n, thread[n].priority);
		ready_remove(&thread[n]);
	} else {
		with_priority(n, priority[(r >> 40) % sizeof(priority)]);
		model_add(n, thread[n].priority, r % 2);
		if (r % 2)
			ready_add_first(&thread[n]);
		else
			ready_add_last(&thread[n]);
	}
}

TEST(threads_come_and_go_in_any_order)
{
	uint64_t random = 1;
	unsigned total = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		random = random * UINT64_C(6364136223846793005) + 1;
		random_step(random >> 13);
		total = 0;
		for (unsigned p = 0; p < 256; p++)
			total += length[p];
		REQUIRE(check_ready() == total && !failure);
	}
	while (ready_take())
		total--;
	CHECK_EQ(total, 0);
}

TEST(errors_in_the_book_are_found)
{
	ready_add_last(with_priority(0, 9));
	ready_highest = 10;
	(void)check_ready();
	CHECK_STR(failure, "ready queue: highest priority is wrong");
	ready_highest = 9;
	failure = NULL;
	thread[0].priority = 8;
	(void)check_ready();
	CHECK_STR(failure, "in the ready queue of another priority");
	thread[0].priority = 9;
	check_order("0");
}

TAP_MAIN(CASE(an_empty_queue_gives_nothing),
	CASE(the_highest_priority_comes_first), CASE(equals_come_in_turn),
	CASE(the_first_place_is_before_all_equals),
	CASE(a_thread_takes_the_place_of_the_first),
	CASE(a_thread_is_taken_out_from_any_place),
	CASE(the_highest_falls_when_its_last_thread_goes),
	CASE(threads_come_and_go_in_any_order),
	CASE(errors_in_the_book_are_found))
