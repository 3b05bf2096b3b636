/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes back to a budget: never too early, never lost.
 */
/* link: vmm/refill.c */
#include "tests/tap.h"
#include "vmm/clock.h"
#include "vmm/refill.h"

TEST(releases_are_points_and_others_are_put_off)
{
	CHECK_EQ(refill_point(1000, 1000, 160), 1000);
	CHECK_EQ(refill_point(1001, 1000, 160), 1010);
	CHECK_EQ(refill_point(1010, 1000, 160), 1010);
	CHECK_EQ(refill_point(1151, 1000, 160), 1160);
	CHECK_EQ(refill_point(1321, 1000, 160), 1330);
}

TEST(points_of_a_period_that_is_no_multiple_do_not_drift)
{
	/* Steps of 2 in 17 ticks: the next release is one, too. */
	CHECK_EQ(refill_point(116, 100, 17), 116);
	CHECK_EQ(refill_point(117, 100, 17), 117);
	CHECK_EQ(refill_point(118, 100, 17), 119);
	for (uint64_t at = 117; at < 1000; at++)
		CHECK_EQ(refill_point(at, 100, 17), refill_point(at, 117, 17));
}

TEST(amounts_come_back_in_order_and_those_of_one_point_at_once)
{
	struct refills r = {0};

	CHECK_EQ(refill_next(&r), CLOCK_NEVER);
	CHECK_EQ(refill_take(&r), 0);
	refill_add(&r, 10, 1);
	refill_add(&r, 10, 2);
	refill_add(&r, 20, 4);
	CHECK_EQ(refill_next(&r), 10);
	CHECK_EQ(refill_take(&r), 3);
	CHECK_EQ(refill_next(&r), 20);
	CHECK_EQ(refill_take(&r), 4);
	CHECK_EQ(refill_next(&r), CLOCK_NEVER);
}

TEST(without_room_an_amount_waits_for_the_later_one)
{
	struct refills r = {0};
	uint64_t sum = 0;

	for (uint64_t i = 0; i <= REFILLS_MAX; i++)
		refill_add(&r, i, 1);
	for (uint64_t i = 0; i + 1 < REFILLS_MAX; i++) {
		CHECK_EQ(refill_next(&r), i);
		sum += refill_take(&r);
	}
	CHECK_EQ(refill_next(&r), REFILLS_MAX);
	sum += refill_take(&r);
	CHECK_EQ(sum, REFILLS_MAX + 1);
}

TAP_MAIN(CASE(releases_are_points_and_others_are_put_off),
	CASE(points_of_a_period_that_is_no_multiple_do_not_drift),
	CASE(amounts_come_back_in_order_and_those_of_one_point_at_once),
	CASE(without_room_an_amount_waits_for_the_later_one))
