/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A notification of another domain arrives there as an interrupt.
 */
#include "servers/lib/libhurd/startup.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

#define PATIENCE 100 /* the partner may have to wait for its CPU */

/* How many interrupts the partner has had, once they are more than @before. */
static uint64_t interrupts_after(uint64_t before)
{
	uint64_t now = before;

	for (unsigned i = 0; i < PATIENCE && now <= before; i++) {
		pause_us(3000);
		CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &now), 0);
	}
	return now;
}

TEST(each_notification_is_an_interrupt)
{
	uint64_t before;

	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &before), 0);
	CHECK_EQ(portal_notify(partner()), 0);
	CHECK_EQ(interrupts_after(before), before + 1);
	CHECK_EQ(portal_notify(partner()), 0);
	CHECK_EQ(interrupts_after(before + 1), before + 2);
}

TEST(notifications_that_are_not_yet_taken_are_one)
{
	uint64_t before, after;

	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &before), 0);
	for (unsigned i = 0; i < 100; i++)
		REQUIRE(portal_notify(partner()) == 0);
	after = interrupts_after(before);
	CHECK(after > before);
	CHECK(after <= before + 100);
}

TAP_MAIN(CASE(each_notification_is_an_interrupt),
	CASE(notifications_that_are_not_yet_taken_are_one))
