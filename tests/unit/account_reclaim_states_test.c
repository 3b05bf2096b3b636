/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/account.c */
/*
 * Every state that two accounts of a small pool can reach when limits are set,
 * deadlines pass and frames are taken by force, too: a guarantee is never asked
 * for, nothing is taken before its time, and what is asked for comes back.
 */
#include "vmm/memory/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define ACCOUNTS 2u
#define POOL 5u
#define VALUES (POOL + 1u)
#define ARGUMENTS (POOL + 2u)
#define STATES (VALUES * VALUES * VALUES * 2 * VALUES * VALUES * VALUES * 2)

struct state {
	uint8_t guaranteed[ACCOUNTS];
	uint8_t used[ACCOUNTS];
	uint8_t extra[ACCOUNTS];
	uint8_t overdue[ACCOUNTS];
};

static struct account_pool pool;
static struct account account[ACCOUNTS];
static bool seen[STATES];
static struct state queue[STATES];
static unsigned nr_queued;
static uint64_t nr_steps;

static unsigned number_of(const struct state *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		n = (n * VALUES + s->guaranteed[i]) * VALUES + s->used[i];
		n = (n * VALUES + s->extra[i]) * 2 + s->overdue[i];
	}
	return n;
}

static void set(const struct state *s)
{
	pool = (struct account_pool){.total = {POOL, 0}};
	for (unsigned i = 0; i < ACCOUNTS; i++) {
		uint64_t g = s->guaranteed[i], u = s->used[i];

		account_open(&account[i], &pool);
		account[i].extra = s->extra[i];
		account[i].overdue = s->overdue[i];
		account[i].guaranteed.frames = g;
		account[i].used.frames = u;
		pool.guaranteed.frames += g;
		pool.committed += g > u ? g : u;
	}
}

static struct state get(void)
{
	struct state s;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		s.guaranteed[i] = (uint8_t)account[i].guaranteed.frames;
		s.used[i] = (uint8_t)account[i].used.frames;
		s.extra[i] = (uint8_t)account[i].extra;
		s.overdue[i] = account[i].overdue;
	}
	return s;
}

enum operation {
	ADMIT,
	SPLIT,
	CHARGE,
	CHARGE_EXTRA,
	RELEASE,
	LIMIT,
	EXPIRE,
	FORCE,
	NR_OPERATIONS,
};

/* As reclaim_piece does: some of what is overdue. */
static int force(struct account *a, unsigned n)
{
	uint64_t overdue = account_overdue(a);

	account_release(a, n < overdue ? n : overdue);
	return 0;
}

static int limit(struct account *a, unsigned extra)
{
	uint64_t owed = account_limit(a, extra);

	CHECK_EQ(owed, account_excess(a));
	return 0;
}

static int carry_out(enum operation what, unsigned i, unsigned n)
{
	struct account *a = &account[i], *other = &account[1 - i];

	switch (what) {
	case ADMIT:
		return account_admit(a, (struct account_amount){n, 0});
	case SPLIT:
		return account_split(a, other, (struct account_amount){n, 0});
	case CHARGE:
		return account_charge(a, n, false);
	case CHARGE_EXTRA:
		return account_charge(a, n, true);
	case RELEASE:
		account_release(a, n < a->used.frames ? n : a->used.frames);
		return 0;
	case LIMIT:
		return limit(a, n < VALUES ? n : POOL);
	case EXPIRE:
		account_expire(a);
		return 0;
	default:
		return force(a, n);
	}
}

static void check_state(void)
{
	uint64_t committed = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		const struct account *a = &account[i];
		uint64_t g = a->guaranteed.frames, u = a->used.frames;

		committed += g > u ? g : u;
		/* What is guaranteed can be had, whatever is asked back. */
		CHECK_EQ(account_room(a, false), g > u ? g - u : 0);
		if (account_excess(a))
			CHECK_EQ(account_room(a, true), 0);
		CHECK_EQ(account_excess(a),
			u > g + a->extra ? u - g - a->extra : 0);
		CHECK(account_overdue(a) <= account_excess(a));
	}
	CHECK(committed <= POOL);
	CHECK_EQ(pool.committed, committed);
}

static uint64_t excess_of(const struct state *s, unsigned i)
{
	unsigned allowed = s->guaranteed[i] + s->extra[i];

	return s->used[i] > allowed ? s->used[i] - allowed : 0;
}

static void check_step(
	const struct state *before, enum operation what, unsigned i)
{
	const struct state after = get();

	for (unsigned j = 0; j < ACCOUNTS; j++) {
		bool limited = what == LIMIT && i == j;

		/* Only who has control makes somebody owe frames, ... */
		if (!limited)
			CHECK(excess_of(&after, j) <= excess_of(before, j));
		/* ... and only time makes them overdue. */
		if (!(what == EXPIRE && i == j))
			CHECK(after.overdue[j] <= before->overdue[j]);
		if (limited)
			CHECK(!after.overdue[j]);
	}
	if (what != FORCE)
		return;
	CHECK(after.used[i] == before->used[i] || before->overdue[i]);
	if (after.used[i] != before->used[i])
		CHECK(after.used[i] >= after.guaranteed[i] + after.extra[i]);
}

/* All that is lent comes back, in the end by force. */
static void check_end(const struct state *s, unsigned i)
{
	set(s);
	(void)account_limit(&account[i], 0);
	CHECK_EQ(account_overdue(&account[i]), 0);
	account_expire(&account[i]);
	(void)force(&account[i], POOL);
	CHECK_EQ(account_lent(&account[i]), 0);
	/* No frame of the guarantee went. */
	CHECK_EQ(account[i].used.frames,
		s->used[i] < s->guaranteed[i] ? s->used[i] : s->guaranteed[i]);
}

static void step(
	const struct state *s, enum operation what, unsigned i, unsigned n)
{
	struct state after;
	int err;

	set(s);
	err = carry_out(what, i, n);
	after = get();
	nr_steps++;
	if (err)
		CHECK(!memcmp(s, &after, sizeof(after)));
	check_step(s, what, i);
	check_state();
	if (seen[number_of(&after)])
		return;
	seen[number_of(&after)] = true;
	queue[nr_queued++] = after;
}

TEST(frames_come_back_in_every_state)
{
	const struct state empty = {.extra = {POOL, 0}};

	queue[nr_queued++] = empty;
	seen[number_of(&empty)] = true;
	for (unsigned q = 0; q < nr_queued && !tap_state.failed; q++) {
		const struct state s = queue[q];

		for (unsigned i = 0; i < ACCOUNTS; i++) {
			for (unsigned j = 0; j < NR_OPERATIONS * ARGUMENTS; j++)
				step(&s, j % NR_OPERATIONS, i,
					j / NR_OPERATIONS);
			check_end(&s, i);
		}
	}
	printf("# %u states, %lu steps\n", nr_queued, (unsigned long)nr_steps);
	CHECK(nr_queued > 20000);
}

TEST(refusals_are_counted)
{
	pool = (struct account_pool){.total = {POOL, 0}};
	account_open(&account[0], &pool);
	account_refuse(&account[0], 3);
	account_refuse(&account[0], 2);
	CHECK_EQ(account[0].refused, 2);
	CHECK_EQ(account[0].wanted, 2);
}

TAP_MAIN(CASE(frames_come_back_in_every_state), CASE(refusals_are_counted))
