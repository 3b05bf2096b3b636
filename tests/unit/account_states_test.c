/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/account.c */
/*
 * Every state that three accounts of a small pool can reach by any sequence of
 * operations, each with every argument: what is promised is there, what is
 * refused is refused for a reason and changes nothing, and sums agree.
 */
#include "vmm/memory/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define ACCOUNTS 3u
#define POOL 7u		      /* frames, and runs */
#define ARGUMENTS (POOL + 2u) /* 0 .. one more than there is */
#define VALUES (POOL + 1u)
#define STATES (262144u) /* VALUES to the power of 2 * ACCOUNTS */

/* What the guarantees and uses of the accounts are. */
struct state {
	uint8_t guaranteed[ACCOUNTS];
	uint8_t used[ACCOUNTS];
};

static const uint64_t extra_limit[ACCOUNTS] = {UINT64_MAX, 1, 0};

static struct account_pool pool;
static struct account account[ACCOUNTS];
static bool seen[STATES];
static struct state queue[STATES];
static unsigned nr_queued;
static uint64_t nr_steps;
static bool runs; /* the second of the two kinds */

static uint64_t *guaranteed_of(unsigned i)
{
	return runs ? &account[i].guaranteed.runs
		    : &account[i].guaranteed.frames;
}

static uint64_t *used_of(unsigned i)
{
	return runs ? &account[i].used.runs : &account[i].used.frames;
}

static unsigned number_of(const struct state *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++)
		n = (n * VALUES + s->guaranteed[i]) * VALUES + s->used[i];
	return n;
}

static void set(const struct state *s)
{
	pool = (struct account_pool){.total = {POOL, POOL}};
	for (unsigned i = 0; i < ACCOUNTS; i++) {
		uint64_t g = s->guaranteed[i], u = s->used[i];

		account_open(&account[i], &pool);
		account[i].extra = extra_limit[i];
		*guaranteed_of(i) = g;
		*used_of(i) = u;
		if (runs) {
			pool.guaranteed.runs += g;
		} else {
			pool.guaranteed.frames += g;
			pool.committed += g > u ? g : u;
		}
	}
}

static struct state get(void)
{
	struct state s;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		s.guaranteed[i] = (uint8_t)*guaranteed_of(i);
		s.used[i] = (uint8_t)*used_of(i);
	}
	return s;
}

/* What holds in every state. */
static void check_state(const struct state *s)
{
	uint64_t sum = 0, committed = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		unsigned g = s->guaranteed[i], u = s->used[i];

		sum += g;
		committed += g > u ? g : u;
		CHECK(u <= g || (!runs && u - g <= extra_limit[i]));
		if (!runs)
			CHECK(account_room(&account[i], false) ==
				(g > u ? g - u : 0));
	}
	CHECK(sum <= POOL);
	CHECK_EQ(runs ? pool.guaranteed.runs : pool.guaranteed.frames, sum);
	if (!runs) {
		CHECK(committed <= POOL);
		CHECK_EQ(pool.committed, committed);
	}
}

static struct account_amount amount(unsigned n)
{
	return runs ? (struct account_amount){0, n}
		    : (struct account_amount){n, 0};
}

enum operation {
	ADMIT,
	CLOSE,
	SPLIT,
	MERGE,
	CHARGE,
	CHARGE_EXTRA,
	RELEASE,
	NR_OPERATIONS,
};

static int charge(unsigned a, unsigned n, bool extra)
{
	return runs ? account_charge_runs(&account[a], n)
		    : account_charge(&account[a], n, extra);
}

static int release(unsigned a, unsigned n)
{
	if (n > *used_of(a))
		return -EINVAL; /* nobody does that */
	if (runs)
		account_release_runs(&account[a], n);
	else
		account_release(&account[a], n);
	return 0;
}

static int carry_out(enum operation what, unsigned a, unsigned b, unsigned n)
{
	switch (what) {
	case ADMIT:
		return account_admit(&account[a], amount(n));
	case CLOSE:
		return account_close(&account[a]);
	case SPLIT:
		return account_split(&account[a], &account[b], amount(n));
	case MERGE:
		return account_merge(&account[a], &account[b]);
	case CHARGE:
		return charge(a, n, false);
	case CHARGE_EXTRA:
		return charge(a, n, true);
	default:
		return release(a, n);
	}
}

/* A promise is kept: what is guaranteed and not in use can be had. */
static void check_refusal(const struct state *s, enum operation what,
	unsigned a, unsigned n, int err)
{
	unsigned g = s->guaranteed[a], u = s->used[a];
	struct state after = get();

	CHECK(!memcmp(s, &after, sizeof(after)));
	if (what == CHARGE || what == CHARGE_EXTRA)
		CHECK(u + n > g);
	if (what == CLOSE)
		CHECK(err == -EBUSY && u > 0);
	if (what == SPLIT)
		CHECK(err == -EDQUOT ? n > g : u > g - n);
}

static void check_success(
	const struct state *s, enum operation what, unsigned a, unsigned n)
{
	struct state after = get();
	unsigned g = 0, u = 0;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		g += after.guaranteed[i] - s->guaranteed[i];
		u += after.used[i] - s->used[i];
	}
	if (what == SPLIT || what == MERGE)
		CHECK(g == 0 && u == 0);
	if (what == ADMIT)
		CHECK(g == n && u == 0);
	if (what == CHARGE || what == CHARGE_EXTRA)
		CHECK(g == 0 && u == n && after.used[a] == s->used[a] + n);
}

static void step(const struct state *s, enum operation what, unsigned a,
	unsigned b, unsigned n)
{
	struct state after;
	int err;

	set(s);
	err = carry_out(what, a, b, n);
	nr_steps++;
	if (err)
		check_refusal(s, what, a, n, err);
	else
		check_success(s, what, a, n);
	after = get();
	check_state(&after);
	if (seen[number_of(&after)])
		return;
	seen[number_of(&after)] = true;
	queue[nr_queued++] = after;
}

static void explore(void)
{
	struct state empty = {{0}, {0}};

	memset(seen, 0, sizeof(seen));
	queue[0] = empty;
	nr_queued = 1;
	nr_steps = 0;
	seen[number_of(&empty)] = true;
	for (unsigned i = 0; i < nr_queued && !tap_state.failed; i++)
		for (unsigned j = 0;
			j < NR_OPERATIONS * ACCOUNTS * ACCOUNTS * ARGUMENTS;
			j++) {
			struct state s = queue[i];

			step(&s, j % NR_OPERATIONS,
				j / NR_OPERATIONS % ACCOUNTS,
				j / NR_OPERATIONS / ACCOUNTS % ACCOUNTS,
				j / NR_OPERATIONS / ACCOUNTS / ACCOUNTS);
		}
	printf("# %u states, %lu steps\n", nr_queued, (unsigned long)nr_steps);
}

TEST(frames_in_every_state)
{
	runs = false;
	explore();
	CHECK(nr_queued > 3000);
}

TEST(runs_in_every_state)
{
	runs = true;
	explore();
	CHECK(nr_queued > 1000);
}

TAP_MAIN(CASE(frames_in_every_state), CASE(runs_in_every_state))
