/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory accounts: who may have how many frames and host mappings ("runs").
 *
 * Guaranteed frames are promised, extra frames lent out of what no promise
 * needs.  What an account stands for is the larger of its guarantee and its
 * use; the sum of that over all accounts never exceeds the pool, so a charge
 * that was accepted always finds its frame.
 */
#ifndef VMM_MEMORY_ACCOUNT_H
#define VMM_MEMORY_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct account_amount {
	uint64_t frames;
	uint64_t runs; /* host mappings */
};

/* All there is. */
struct account_pool {
	struct account_amount total;
	struct account_amount guaranteed; /* sum over the accounts */
	uint64_t committed; /* sum of max(guaranteed, used) frames */
};

struct account {
	struct account_pool *pool;
	struct account_amount guaranteed;
	struct account_amount used;
	unsigned containers; /* that are charged to it, with frames or not */
	uint64_t fixed;	     /* frames of RAM: guaranteed and used, for ever */
	uint64_t extra;	     /* frames beyond the guarantee, at most */
	bool overdue;	     /* the time to give them back is over */
	uint64_t refused;    /* requests for extra frames, all in all */
	uint64_t wanted;     /* frames that the last of them was for */
};

/** account_open - an account of @pool without any guarantee. */
void account_open(struct account *a, struct account_pool *pool);

/**
 * account_admit - raise the guarantee of @a by @amount.
 *
 * Returns 0, or -ENOMEM if the sum of guarantees would exceed the pool, or the
 * frames are lent to others now.
 */
__attribute__((warn_unused_result)) int account_admit(
	struct account *a, struct account_amount amount);

/** account_close - give the guarantee back; -EBUSY if it is in use. */
__attribute__((warn_unused_result)) int account_close(struct account *a);

/**
 * account_split - move part of a guarantee to another account.
 *
 * Returns 0, -EDQUOT if @from has less than @amount, or -EBUSY if what it uses
 * would not be guaranteed any more.
 */
__attribute__((warn_unused_result)) int account_split(
	struct account *from, struct account *to, struct account_amount amount);

/** account_merge - move all of @from to @into; -EBUSY if @from is in use. */
__attribute__((warn_unused_result)) int account_merge(
	struct account *into, struct account *from);

/** account_room - frames that could be charged now. */
uint64_t account_room(const struct account *a, bool extra);

/**
 * account_charge - @frames more are used.
 * @extra: extra frames will do where the guarantee ends
 *
 * Returns 0, -EDQUOT if the guarantee ends and @extra is not set, or -ENOMEM
 * if there are no extra frames, or it has all that it may.
 */
__attribute__((warn_unused_result)) int account_charge(
	struct account *a, uint64_t frames, bool extra);

/** account_release - @frames that were charged are free. */
void account_release(struct account *a, uint64_t frames);

/**
 * account_limit - @a may use @extra frames beyond its guarantee.
 *
 * What it uses already it keeps until it gives it back or somebody takes it;
 * it gets no more meanwhile, and its guarantee is not touched.  Returns
 * account_excess.
 */
uint64_t account_limit(struct account *a, uint64_t extra);

/** account_lent - extra frames that it uses. */
uint64_t account_lent(const struct account *a);

/** account_excess - of those, how many are more than it may use. */
uint64_t account_excess(const struct account *a);

/** account_expire - the time to give the excess back is over, if there is any:
 * account_overdue. */
void account_expire(struct account *a);

/** account_overdue - frames that may be taken by force now: the excess, or 0
 * while there is time. */
uint64_t account_overdue(const struct account *a);

/** account_refuse - note that @frames extra ones were asked for in vain. */
void account_refuse(struct account *a, uint64_t frames);

/** account_charge_runs - 0, or -ENOSPC beyond the guarantee. */
__attribute__((warn_unused_result)) int account_charge_runs(
	struct account *a, uint64_t runs);

/** account_release_runs - @runs that were charged are free. */
void account_release_runs(struct account *a, uint64_t runs);

#endif
