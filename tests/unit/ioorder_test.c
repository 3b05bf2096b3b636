/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of I/O: deadlines first, then shares.
 */
/* link: vmm/ioorder.c */
#include "tests/tap.h"
#include "vmm/ioorder.h"

static struct io_order early = {1000, 1}, late = {2000, 1};
static struct io_order light = {IO_NO_DEADLINE, 1}, heavy = {IO_NO_DEADLINE, 3};
static struct io_order none = {IO_NO_DEADLINE, 0};

TEST(the_earliest_deadline_comes_first)
{
	struct io_turn a = {&early, 1 << 20}, b = {&late, 0};

	CHECK(io_before(&a, &b));
	CHECK(!io_before(&b, &a));
}

TEST(a_deadline_comes_before_a_share)
{
	struct io_turn a = {&late, 1 << 20}, b = {&heavy, 0}, c = {NULL, 0};

	CHECK(io_before(&a, &b));
	CHECK(io_before(&a, &c));
	CHECK(!io_before(&c, &a));
}

/* Whoever is first gets 64 KiB, again and again. */
static void compete(struct io_turn *a, struct io_turn *b, unsigned rounds,
	unsigned *nr_a, unsigned *nr_b)
{
	*nr_a = *nr_b = 0;
	while (rounds--) {
		if (io_before(a, b)) {
			io_receive(a, 65536);
			(*nr_a)++;
		} else {
			io_receive(b, 65536);
			(*nr_b)++;
		}
	}
}

TEST(without_deadlines_bytes_go_by_share)
{
	struct io_turn a = {&heavy, 0}, b = {&light, 0}, c = {&none, 0};
	unsigned nr_a, nr_b;

	compete(&a, &b, 400, &nr_a, &nr_b);
	CHECK(nr_a >= 298 && nr_a <= 302);
	b.received = 0;
	compete(&b, &c, 400, &nr_a, &nr_b);
	CHECK_EQ(nr_a, 200);
}

TEST(who_slept_gets_no_more_than_the_others)
{
	struct io_turn a = {&light, 1 << 30}, b = {&light, 0};
	unsigned nr_a, nr_b;

	io_join(&b, a.received);
	compete(&a, &b, 100, &nr_a, &nr_b);
	CHECK_EQ(nr_a, 50);
	io_join(&a, 5);
	CHECK(a.received > 1 << 30);
}

TEST(small_requests_count_as_a_page)
{
	struct io_turn a = {&light, 0};

	io_receive(&a, 0);
	CHECK_EQ(a.received, 4096);
}

TAP_MAIN(CASE(the_earliest_deadline_comes_first),
	CASE(a_deadline_comes_before_a_share),
	CASE(without_deadlines_bytes_go_by_share),
	CASE(who_slept_gets_no_more_than_the_others),
	CASE(small_requests_count_as_a_page))
