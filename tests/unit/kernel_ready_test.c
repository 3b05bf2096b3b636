/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/ready.c */
/*
 * The guest kernel's ready queue: highest priority first, in turn among
 * equals.
 */
#include "guestkernel/ready.h"
#include "guestkernel/thread.h"
#include "tests/tap.h"

static struct tcb thread[4];

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

TAP_MAIN(CASE(an_empty_queue_gives_nothing),
	CASE(the_highest_priority_comes_first), CASE(equals_come_in_turn),
	CASE(the_first_place_is_before_all_equals),
	CASE(a_thread_is_taken_out_from_any_place),
	CASE(the_highest_falls_when_its_last_thread_goes))
