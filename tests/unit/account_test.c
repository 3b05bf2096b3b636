/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/account.c */
/*
 * Memory accounts: what is promised is always there.
 */
#include "vmm/memory/account.h"

#include <errno.h>

#include "tests/tap.h"

#define FAILS(call, error) CHECK_EQ(call, (uint64_t) - (error))

static struct account_pool pool;
static struct account a, b;

/* 100 frames and 10 runs, of which @a has a part. */
static void begin(uint64_t frames, uint64_t runs)
{
	pool = (struct account_pool){.total = {100, 10}};
	account_open(&a, &pool);
	account_open(&b, &pool);
	CHECK_EQ(account_admit(&a, (struct account_amount){frames, runs}), 0);
}

static int admit(struct account *to, uint64_t frames, uint64_t runs)
{
	return account_admit(to, (struct account_amount){frames, runs});
}

static int split(uint64_t frames, uint64_t runs)
{
	return account_split(&a, &b, (struct account_amount){frames, runs});
}

TEST(guarantees_reach_the_pool_and_not_beyond)
{
	begin(60, 6);
	FAILS(admit(&b, 41, 0), ENOMEM);
	FAILS(admit(&b, 0, 5), ENOMEM);
	FAILS(admit(&b, UINT64_MAX, 0), ENOMEM);
	CHECK_EQ(admit(&b, 40, 4), 0);
	CHECK_EQ(pool.guaranteed.frames, 100);
	CHECK_EQ(pool.guaranteed.runs, 10);
}

TEST(frames_lent_to_others_cannot_be_promised)
{
	begin(10, 0);
	CHECK_EQ(account_charge(&a, 90, true), 0);
	FAILS(admit(&b, 11, 0), ENOMEM);
	CHECK_EQ(admit(&b, 10, 0), 0);
	/* Its own extra frames can become guaranteed. */
	CHECK_EQ(admit(&a, 80, 0), 0);
	CHECK_EQ(pool.committed, 100);
}

TEST(guarantee_ends)
{
	begin(50, 0);
	FAILS(account_charge(&a, 51, false), EDQUOT);
	CHECK_EQ(account_charge(&a, 50, false), 0);
	FAILS(account_charge(&a, 1, false), EDQUOT);
	CHECK_EQ(account_charge(&a, 1, true), 0);
	account_release(&a, 51);
	CHECK_EQ(account_room(&a, false), 50);
}

TEST(extra_frames_end_where_promises_begin)
{
	begin(50, 0);
	CHECK_EQ(admit(&b, 30, 0), 0);
	FAILS(account_charge(&a, 71, true), ENOMEM);
	CHECK_EQ(account_charge(&a, 70, true), 0);
	CHECK_EQ(account_charge(&b, 30, false), 0);
	FAILS(account_charge(&b, 1, true), ENOMEM);
}

TEST(extra_frames_end_where_its_own_limit_is)
{
	begin(50, 0);
	a.extra = 7;
	FAILS(account_charge(&a, 58, true), ENOMEM);
	CHECK_EQ(account_charge(&a, 57, true), 0);
	FAILS(account_charge(&a, 1, true), ENOMEM);
	account_release(&a, 57);
}

TEST(split_moves_what_is_not_in_use)
{
	begin(50, 5);
	CHECK_EQ(account_charge(&a, 20, false), 0);
	CHECK_EQ(account_charge_runs(&a, 2), 0);
	FAILS(split(51, 0), EDQUOT);
	FAILS(split(0, 6), EDQUOT);
	FAILS(split(31, 0), EBUSY);
	FAILS(split(0, 4), EBUSY);
	CHECK_EQ(split(30, 3), 0);
	CHECK_EQ(b.guaranteed.frames, 30);
	CHECK_EQ(b.guaranteed.runs, 3);
	CHECK_EQ(pool.committed, 50);
}

TEST(merge_moves_all_of_what_is_not_in_use)
{
	begin(50, 5);
	CHECK_EQ(split(20, 2), 0);
	CHECK_EQ(account_charge(&b, 1, false), 0);
	FAILS(account_merge(&a, &b), EBUSY);
	account_release(&b, 1);
	CHECK_EQ(account_merge(&a, &b), 0);
	CHECK_EQ(a.guaranteed.frames, 50);
	CHECK_EQ(a.guaranteed.runs, 5);
	CHECK_EQ(b.guaranteed.frames, 0);
}

TEST(runs_end_with_their_guarantee)
{
	begin(0, 3);
	FAILS(account_charge_runs(&a, 4), ENOSPC);
	CHECK_EQ(account_charge_runs(&a, 3), 0);
	FAILS(account_charge_runs(&a, 1), ENOSPC);
	account_release_runs(&a, 3);
	CHECK_EQ(account_charge_runs(&a, 1), 0);
}

TEST(account_in_use_stays_open)
{
	begin(10, 1);
	CHECK_EQ(account_charge(&a, 1, false), 0);
	FAILS(account_close(&a), EBUSY);
	account_release(&a, 1);
	CHECK_EQ(account_close(&a), 0);
	CHECK_EQ(pool.guaranteed.frames, 0);
	CHECK_EQ(pool.guaranteed.runs, 0);
	CHECK_EQ(pool.committed, 0);
}

TAP_MAIN(CASE(guarantees_reach_the_pool_and_not_beyond),
	CASE(frames_lent_to_others_cannot_be_promised), CASE(guarantee_ends),
	CASE(extra_frames_end_where_promises_begin),
	CASE(extra_frames_end_where_its_own_limit_is),
	CASE(split_moves_what_is_not_in_use),
	CASE(merge_moves_all_of_what_is_not_in_use),
	CASE(runs_end_with_their_guarantee), CASE(account_in_use_stays_open))
