/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A market: domains pay by time for the frames that they use beyond their
 * guarantee.
 *
 * A domain's share is its income in drams a period.  It bids a part of what it
 * has saved, and a tax keeps it from saving for ever.  While there is enough for
 * all, frames cost nothing; else the price is the lowest at which the bids buy
 * no more than there is.  Who cannot pay any more has to give frames back.
 *
 * Source: Harty, Cheriton, "Application-Controlled Physical Memory using
 * External Page-Cache Management", ASPLOS 1992, Memory Market Approach (V++).
 */
#include "servers/policy/policy.h"

#define INCOME 1000000u /* a period for each share, in millionths of a dram */
#define HORIZON 8u	/* periods that savings shall last when all is bid */
#define TAX 16u		/* of savings this part goes in each period */
#define PATIENCE 32u	/* periods for which a refused request counts */
#define GRAIN 16u	/* frames: a limit by price is no finer */

struct account {
	uint64_t savings;
	uint32_t refused; /* as seen last */
	uint32_t demand;  /* frames */
	uint32_t waits;	  /* periods for which it is believed to want them */
};

static struct account accounts[POLICY_DOMAINS];

/*
 * What it uses, and what it was refused.  A domain that runs seldom asks seldom:
 * what it wanted it may want for a while.
 */
static uint32_t demand_of(const struct policy_domain *d, struct account *a)
{
	uint64_t demand = d->lent;

	if (d->flags & POLICY_BALLOON) {
		demand = d->most;
	} else if (d->refused != a->refused) {
		demand += d->wanted;
		a->waits = PATIENCE;
	} else if (a->waits && demand < a->demand) {
		demand = a->demand;
		a->waits--;
	}
	a->refused = d->refused;
	return demand < d->most ? (uint32_t)demand : d->most;
}

static uint32_t bought(const struct account *a, uint64_t price)
{
	uint64_t can = a->savings / HORIZON / price;

	return can < a->demand ? (uint32_t)can : a->demand;
}

static uint64_t sold(uint64_t price)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < POLICY_DOMAINS; i++)
		sum += bought(&accounts[i], price);
	return sum;
}

/* The lowest at which no more is sold than there is; savings are below 2^40. */
static uint64_t find_price(uint64_t supply)
{
	uint64_t low = 1, high = UINT64_C(1) << 40;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (sold(middle) > supply)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t look(const struct policy_buffer *now)
{
	uint64_t demand = 0;

	for (unsigned i = 0; i < POLICY_DOMAINS; i++) {
		const struct policy_domain *d = &now->domain[i];
		struct account *a = &accounts[i];

		if (!(d->flags & POLICY_LIVE)) {
			*a = (struct account){0};
			continue;
		}
		a->savings += (uint64_t)d->share * INCOME;
		a->savings -= a->savings / TAX;
		a->demand = demand_of(d, a);
		demand += a->demand;
	}
	return demand;
}

/* Enough for all: who wants more may have it without asking first. */
static void give_away(const struct policy_buffer *now, uint64_t demand,
	uint32_t limit[POLICY_DOMAINS])
{
	uint32_t rest = policy_supply(now) - (uint32_t)demand;

	for (unsigned i = 0; i < POLICY_DOMAINS; i++)
		limit[i] = policy_least(
			now->domain[i].most, accounts[i].demand + rest);
}

static void sell(uint64_t price, uint32_t limit[POLICY_DOMAINS])
{
	for (unsigned i = 0; i < POLICY_DOMAINS; i++) {
		uint32_t frames = bought(&accounts[i], price);

		accounts[i].savings -= frames * price;
		limit[i] = frames == accounts[i].demand
				   ? frames
				   : frames / GRAIN * GRAIN;
	}
}

static void decide(
	const struct policy_buffer *now, uint32_t limit[POLICY_DOMAINS])
{
	uint64_t supply = policy_supply(now), demand = look(now);

	if (demand <= supply)
		give_away(now, demand, limit);
	else
		sell(find_price(supply), limit);
}

const struct policy policy_market = {"market", decide};
