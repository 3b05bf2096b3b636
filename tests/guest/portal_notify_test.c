/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A notification of another domain arrives there as an interrupt.
 */
#include "servers/lib/libhurd/startup.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"

TEST(each_notification_is_an_interrupt)
{
	uint64_t before, after;

	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &before), 0);
	CHECK_EQ(portal_notify(partner()), 0);
	pause_us(3000);
	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &after), 0);
	CHECK_EQ(after, before + 1);
	CHECK_EQ(portal_notify(partner()), 0);
	pause_us(3000);
	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &after), 0);
	CHECK_EQ(after, before + 2);
}

TEST(notifications_that_are_not_yet_taken_are_one)
{
	uint64_t before, after;

	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &before), 0);
	for (unsigned i = 0; i < 100; i++)
		REQUIRE(portal_notify(partner()) == 0);
	pause_us(3000);
	CHECK_EQ(ask(SERVE_INTERRUPTS, 0, &after), 0);
	CHECK(after > before);
	CHECK(after <= before + 100);
}

TAP_MAIN(CASE(each_notification_is_an_interrupt),
	CASE(notifications_that_are_not_yet_taken_are_one))
