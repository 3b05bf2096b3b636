/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of other domains: some at once, then at a bounded rate, and
 * none is lost.
 */
/* link: vmm/notify.c vmm/timer.c vmm/clock.c */
#include <string.h>

#include "tests/tap.h"
#include "vmm/domain.h"
#include "vmm/executor.h"

static struct executor ex;
static struct domain domain;
static unsigned raised;
static unsigned woken;

void domain_raise(struct domain *d, unsigned irq)
{
	raised += d == &domain && irq == 5;
}

void domain_wake(struct domain *d)
{
	woken += d == &domain;
}

static void begin(void)
{
	memset(&ex, 0, sizeof(ex));
	memset(&domain, 0, sizeof(domain));
	raised = woken = 0;
	clock_setup(1000000000); /* slow: a millisecond takes a long time */
	domain.ex = &ex;
	notify_init(&domain);
}

static uint64_t wait_for_next(void)
{
	uint64_t at = timer_next(&ex.timers);

	timer_expire(&ex.timers, at, 10);
	return at;
}

TEST(a_burst_comes_at_once)
{
	begin();
	for (unsigned i = 0; i < NOTIFY_BURST; i++)
		notify_send(&domain, 5);
	CHECK_EQ(raised, NOTIFY_BURST);
	CHECK_EQ(timer_next(&ex.timers), CLOCK_NEVER);
}

TEST(a_flood_comes_once_in_a_while_and_its_last_one_comes)
{
	uint64_t last;

	begin();
	for (unsigned i = 0; i < 1000; i++)
		notify_send(&domain, 5);
	CHECK_EQ(raised, NOTIFY_BURST);
	CHECK_EQ(woken, 1);
	last = wait_for_next();
	CHECK_EQ(raised, NOTIFY_BURST + 1);
	CHECK_EQ(timer_next(&ex.timers), CLOCK_NEVER);
	notify_send(&domain, 5);
	CHECK_EQ(raised, NOTIFY_BURST + 1);
	CHECK_EQ(wait_for_next() - last, clock_ticks_from_us(NOTIFY_EVERY_US));
	CHECK_EQ(raised, NOTIFY_BURST + 2);
}

TEST(numbers_do_not_share_a_limit)
{
	begin();
	for (unsigned i = 0; i < 1000; i++)
		notify_send(&domain, 4);
	notify_send(&domain, 5);
	CHECK_EQ(raised, 1);
}

TEST(the_dead_are_not_notified)
{
	begin();
	for (unsigned i = 0; i < 1000; i++)
		notify_send(&domain, 5);
	notify_end(&domain);
	CHECK_EQ(timer_next(&ex.timers), CLOCK_NEVER);
}

TAP_MAIN(CASE(a_burst_comes_at_once),
	CASE(a_flood_comes_once_in_a_while_and_its_last_one_comes),
	CASE(numbers_do_not_share_a_limit), CASE(the_dead_are_not_notified))
