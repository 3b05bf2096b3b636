/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: servers/policy/static.c servers/policy/market.c */
/*
 * Policies on their own: what they make of the policy buffer, period by period.
 */
#include "servers/policy/policy.h"

#include <string.h>

#include "tests/tap.h"

#define SUPPLY 1000u

static struct policy_buffer now;
static uint32_t limit[POLICY_DOMAINS];

static void begin(void)
{
	memset(&now, 0, sizeof(now));
	memset(limit, 0, sizeof(limit));
	now.version = POLICY_ABI_VERSION;
	now.total = 3 * SUPPLY;
	now.guaranteed = 2 * SUPPLY;
	/* The market forgets who is not there. */
	policy_market.decide(&now, limit);
}

static struct policy_domain *join(unsigned i, uint32_t share)
{
	now.domain[i] = (struct policy_domain){
		.flags = POLICY_LIVE, .share = share, .most = 3 * SUPPLY};
	return &now.domain[i];
}

/* It tries to have @frames beyond its guarantee, and keeps to its limit. */
static void want(struct policy_domain *d, uint32_t frames)
{
	uint32_t i = (uint32_t)(d - now.domain);

	d->limit = limit[i];
	d->lent = policy_least(frames, limit[i]);
	if (d->lent == frames)
		return;
	d->refused++;
	d->wanted = frames - d->lent;
}

static void decide(const struct policy *policy)
{
	uint64_t sum = 0;

	policy->decide(&now, limit);
	for (unsigned i = 0; i < POLICY_DOMAINS; i++)
		if (now.domain[i].flags)
			sum += policy_least(limit[i], now.domain[i].lent);
	CHECK(sum <= SUPPLY);
}

TEST(static_shares_are_those_of_the_configuration)
{
	begin();
	join(1, 3);
	join(4, 1);
	join(5, 0);
	want(&now.domain[4], 900);
	decide(&policy_static);
	CHECK_EQ(limit[1], 750);
	CHECK_EQ(limit[4], 250);
	CHECK_EQ(limit[5], 0);
	now.domain[1].most = 100;
	decide(&policy_static);
	CHECK_EQ(limit[1], 100);
	CHECK_EQ(limit[4], 250);
}

TEST(static_shares_of_nobody_change_nothing)
{
	begin();
	join(1, 0);
	limit[1] = 17;
	decide(&policy_static);
	CHECK_EQ(limit[1], 17);
}

static void run(unsigned periods, uint32_t a, uint32_t b, uint32_t c)
{
	for (unsigned i = 0; i < periods; i++) {
		want(&now.domain[1], a);
		want(&now.domain[2], b);
		want(&now.domain[3], c);
		decide(&policy_market);
	}
}

TEST(frames_that_nobody_else_wants_are_free)
{
	begin();
	join(1, 1);
	join(2, 1);
	join(3, 1);
	run(40, 900, 0, 50);
	CHECK(limit[1] >= 900);
	CHECK(limit[3] >= 50);
	/* Nobody has had to pay yet: all can pay as much. */
	run(2, 900, 900, 50);
	CHECK(limit[1] == limit[2] && limit[1] > 400);
}

TEST(equal_incomes_buy_equal_parts)
{
	begin();
	join(1, 1);
	join(2, 1);
	join(3, 1);
	run(60, 5000, 5000, 0);
	CHECK_EQ(limit[1], 496); /* 500 in whole pieces of 16 */
	CHECK_EQ(limit[2], 496);
}

TEST(more_income_buys_more)
{
	begin();
	join(1, 3);
	join(2, 1);
	join(3, 1);
	run(60, 5000, 5000, 0);
	CHECK(limit[1] >= 730 && limit[1] <= 750);
	CHECK(limit[2] >= 234 && limit[2] <= 250);
}

TEST(who_wants_little_has_it_and_others_share_the_rest)
{
	begin();
	join(1, 1);
	join(2, 1);
	join(3, 1);
	run(60, 5000, 5000, 64);
	CHECK_EQ(limit[3], 64);
	CHECK(limit[1] >= 448 && limit[1] <= 468);
	CHECK_EQ(limit[1], limit[2]);
}

TEST(who_has_saved_has_more_for_a_while)
{
	begin();
	join(1, 1);
	join(2, 1);
	join(3, 1);
	run(60, 5000, 5000, 0);
	run(2, 5000, 5000, 5000);
	CHECK(limit[3] > limit[1] + 100);
	run(60, 5000, 5000, 5000);
	CHECK_EQ(limit[3], limit[1]);
	/* Its price is more than the first two have left for a third. */
	CHECK(limit[1] >= 304 && limit[1] <= 336);
}

TEST(who_asks_seldom_is_not_forgotten)
{
	struct policy_domain *slow;

	begin();
	slow = join(1, 1);
	join(2, 1);
	join(3, 1);
	run(20, 0, 5000, 0);
	slow->refused++;
	slow->wanted = 64;
	for (unsigned i = 0; i < 10; i++) {
		want(&now.domain[2], 5000);
		decide(&policy_market);
		CHECK_EQ(limit[1], 64);
	}
	for (unsigned i = 0; i < 30; i++) {
		want(&now.domain[2], 5000);
		decide(&policy_market);
	}
	CHECK_EQ(limit[1], 0);
}

TEST(without_income_nothing_is_bought)
{
	begin();
	join(1, 0);
	join(2, 1);
	join(3, 1);
	run(60, 5000, 5000, 0);
	CHECK_EQ(limit[1], 0);
	CHECK(limit[2] >= 976);
}

TEST(a_balloon_wants_all_it_can_use)
{
	begin();
	join(1, 1)->flags |= POLICY_BALLOON;
	now.domain[1].most = 200;
	join(2, 1);
	join(3, 1);
	run(30, 0, 0, 0);
	CHECK_EQ(limit[1], 200);
	run(60, 200, 5000, 5000);
	CHECK(limit[1] >= 176 && limit[1] <= 200);
	CHECK(limit[2] >= 384);
}

TAP_MAIN(CASE(static_shares_are_those_of_the_configuration),
	CASE(static_shares_of_nobody_change_nothing),
	CASE(frames_that_nobody_else_wants_are_free),
	CASE(equal_incomes_buy_equal_parts), CASE(more_income_buys_more),
	CASE(who_wants_little_has_it_and_others_share_the_rest),
	CASE(who_has_saved_has_more_for_a_while),
	CASE(who_asks_seldom_is_not_forgotten),
	CASE(without_income_nothing_is_bought),
	CASE(a_balloon_wants_all_it_can_use))
