/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/account.h"

#include <errno.h>

static uint64_t stands_for(const struct account *a)
{
	return a->guaranteed.frames > a->used.frames ? a->guaranteed.frames
						     : a->used.frames;
}

/* Changes an account; the pool's sum follows. */
static void set_frames(struct account *a, uint64_t guaranteed, uint64_t used)
{
	a->pool->committed -= stands_for(a);
	a->guaranteed.frames = guaranteed;
	a->used.frames = used;
	a->pool->committed += stands_for(a);
}

void account_open(struct account *a, struct account_pool *pool)
{
	*a = (struct account){.pool = pool, .extra = UINT64_MAX};
}

int account_admit(struct account *a, struct account_amount amount)
{
	struct account_pool *pool = a->pool;
	uint64_t lent = account_lent(a);
	uint64_t more = amount.frames > lent ? amount.frames - lent : 0;

	if (amount.frames > pool->total.frames - pool->guaranteed.frames ||
		amount.runs > pool->total.runs - pool->guaranteed.runs ||
		more > pool->total.frames - pool->committed)
		return -ENOMEM;
	set_frames(a, a->guaranteed.frames + amount.frames, a->used.frames);
	a->guaranteed.runs += amount.runs;
	pool->guaranteed.frames += amount.frames;
	pool->guaranteed.runs += amount.runs;
	return 0;
}

static bool is_used(const struct account *a)
{
	return a->used.frames || a->used.runs || a->containers;
}

int account_close(struct account *a)
{
	if (is_used(a))
		return -EBUSY;
	a->pool->guaranteed.frames -= a->guaranteed.frames;
	a->pool->guaranteed.runs -= a->guaranteed.runs;
	set_frames(a, 0, 0);
	a->guaranteed.runs = 0;
	return 0;
}

int account_split(
	struct account *from, struct account *to, struct account_amount amount)
{
	if (amount.frames > from->guaranteed.frames ||
		amount.runs > from->guaranteed.runs)
		return -EDQUOT;

	uint64_t frames = from->guaranteed.frames - amount.frames;
	uint64_t runs = from->guaranteed.runs - amount.runs;

	if ((amount.frames && from->used.frames > frames) ||
		(amount.runs && from->used.runs > runs))
		return -EBUSY;
	set_frames(from, frames, from->used.frames);
	from->guaranteed.runs = runs;
	set_frames(to, to->guaranteed.frames + amount.frames, to->used.frames);
	to->guaranteed.runs += amount.runs;
	return 0;
}

int account_merge(struct account *into, struct account *from)
{
	return is_used(from) ? -EBUSY
			     : account_split(from, into, from->guaranteed);
}

static uint64_t guaranteed_room(const struct account *a)
{
	return a->guaranteed.frames > a->used.frames
		       ? a->guaranteed.frames - a->used.frames
		       : 0;
}

uint64_t account_room(const struct account *a, bool extra)
{
	uint64_t lent = account_lent(a);
	uint64_t more = a->pool->total.frames - a->pool->committed;

	if (!extra || lent >= a->extra)
		more = 0;
	else if (more > a->extra - lent)
		more = a->extra - lent;
	return guaranteed_room(a) + more;
}

int account_charge(struct account *a, uint64_t frames, bool extra)
{
	if (frames > account_room(a, extra))
		return extra ? -ENOMEM : -EDQUOT;
	set_frames(a, a->guaranteed.frames, a->used.frames + frames);
	return 0;
}

void account_release(struct account *a, uint64_t frames)
{
	set_frames(a, a->guaranteed.frames, a->used.frames - frames);
}

uint64_t account_limit(struct account *a, uint64_t extra)
{
	a->extra = extra;
	a->overdue = false;
	return account_excess(a);
}

uint64_t account_lent(const struct account *a)
{
	return a->used.frames > a->guaranteed.frames
		       ? a->used.frames - a->guaranteed.frames
		       : 0;
}

uint64_t account_excess(const struct account *a)
{
	uint64_t lent = account_lent(a);

	return lent > a->extra ? lent - a->extra : 0;
}

void account_expire(struct account *a)
{
	a->overdue = account_excess(a) != 0;
}

uint64_t account_overdue(const struct account *a)
{
	return a->overdue ? account_excess(a) : 0;
}

void account_refuse(struct account *a, uint64_t frames)
{
	a->refused++;
	a->wanted = frames;
}

int account_charge_runs(struct account *a, uint64_t runs)
{
	if (runs > a->guaranteed.runs - a->used.runs)
		return -ENOSPC;
	a->used.runs += runs;
	return 0;
}

void account_release_runs(struct account *a, uint64_t runs)
{
	a->used.runs -= runs;
}
