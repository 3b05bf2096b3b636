/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who owns which physical memory.
 */
#include "servers/sigma0/pool.h"

static uint64_t region_end(const struct pool *pool, unsigned i)
{
	return i + 1 < pool->nr ? pool->region[i + 1].start : POOL_END;
}

/* The region that holds @address, which is below POOL_END. */
static unsigned region_find(const struct pool *pool, uint64_t address)
{
	unsigned i = 0;

	while (i + 1 < pool->nr && pool->region[i + 1].start <= address)
		i++;
	return i;
}

static bool region_same(
	const struct pool_region *a, const struct pool_region *b)
{
	return a->kind == b->kind && thread_id_equal(a->owner, b->owner);
}

/* Makes a region start at @address; there is room for one more. */
static void region_split(struct pool *pool, uint64_t address)
{
	if (address >= POOL_END)
		return;

	unsigned i = region_find(pool, address);

	if (pool->region[i].start == address)
		return;
	for (unsigned n = pool->nr; n > i + 1; n--)
		pool->region[n] = pool->region[n - 1];
	pool->region[i + 1] = pool->region[i];
	pool->region[i + 1].start = address;
	pool->nr++;
}

static void regions_merge(struct pool *pool)
{
	unsigned n = 1;

	for (unsigned i = 1; i < pool->nr; i++)
		if (!region_same(&pool->region[n - 1], &pool->region[i]))
			pool->region[n++] = pool->region[i];
	pool->nr = n;
}

void pool_init(struct pool *pool)
{
	pool->nr = 1;
	pool->region[0] = (struct pool_region){0, POOL_RESERVED, THREAD_NIL};
}

/* Page bounds of a range; false if no whole page is left. */
static bool range_round(uint64_t *start, uint64_t *end, enum pool_kind kind)
{
	if (*end > POOL_END)
		*end = POOL_END;
	if (*start >= *end)
		return false;

	if (kind == POOL_RESERVED)
		*end += POOL_PAGE - 1;
	else
		*start += POOL_PAGE - 1;
	*start &= ~(POOL_PAGE - 1);
	*end &= ~(POOL_PAGE - 1);
	return *start < *end;
}

bool pool_paint(struct pool *pool, uint64_t start, uint64_t end,
	enum pool_kind kind, thread_id_t owner)
{
	if (pool->nr + 2 > POOL_REGIONS_MAX)
		return false;
	if (!range_round(&start, &end, kind))
		return true;

	region_split(pool, start);
	region_split(pool, end);
	for (unsigned i = region_find(pool, start);
		i < pool->nr && pool->region[i].start < end; i++) {
		pool->region[i].kind = kind;
		pool->region[i].owner = owner;
	}
	regions_merge(pool);
	return true;
}

bool pool_own(
	struct pool *pool, uint64_t start, uint64_t end, thread_id_t owner)
{
	if (pool->nr + 2 > POOL_REGIONS_MAX)
		return false;
	start &= ~(POOL_PAGE - 1);
	if (end > POOL_END || start >= end)
		return true;
	end = (end + POOL_PAGE - 1) & ~(POOL_PAGE - 1);

	region_split(pool, start);
	region_split(pool, end);
	for (unsigned i = region_find(pool, start);
		i < pool->nr && pool->region[i].start < end; i++) {
		struct pool_region *r = &pool->region[i];

		if (r->kind != POOL_SHARED && thread_id_is_nil(r->owner))
			r->owner = owner;
		/* An image is no longer RAM that "any" may find. */
		if (r->kind == POOL_RESERVED)
			r->kind = POOL_DEDICATED;
	}
	regions_merge(pool);
	return true;
}

static bool region_available(const struct pool_region *r, thread_id_t thread)
{
	switch (r->kind) {
	case POOL_SHARED:
		return true;
	case POOL_CONVENTIONAL:
	case POOL_DEDICATED:
		return thread_id_is_nil(r->owner) ||
		       thread_id_equal(r->owner, thread);
	case POOL_RESERVED:
		break;
	}
	return false;
}

bool pool_take(struct pool *pool, fpage_t fpage, thread_id_t thread)
{
	if (!fpage_is_valid(fpage))
		return false;

	uint64_t start = fpage_base(fpage);

	if (start >= POOL_END || fpage_size(fpage) > POOL_END - start)
		return false;

	uint64_t end = start + fpage_size(fpage);

	for (unsigned i = region_find(pool, start);
		i < pool->nr && pool->region[i].start < end; i++)
		if (!region_available(&pool->region[i], thread))
			return false;
	return pool_own(pool, start, end, thread);
}

fpage_t pool_take_any(struct pool *pool, unsigned log2, thread_id_t thread)
{
	if (log2 < FPAGE_LOG2_MIN || log2 >= FPAGE_LOG2_MAX)
		return FPAGE_NIL;

	uint64_t size = UINT64_C(1) << log2;

	for (unsigned i = 0; i < pool->nr; i++) {
		const struct pool_region *r = &pool->region[i];
		uint64_t start = (r->start + size - 1) & ~(size - 1);
		uint64_t end = region_end(pool, i);

		if (r->kind != POOL_CONVENTIONAL || !thread_id_is_nil(r->owner))
			continue;
		if (start >= end || end - start < size)
			continue;
		if (!pool_own(pool, start, start + size, thread))
			return FPAGE_NIL;
		return fpage_make(start, log2, FPAGE_RIGHTS);
	}
	return FPAGE_NIL;
}

fpage_t pool_fault(struct pool *pool, uint64_t address, thread_id_t thread)
{
	if (address >= POOL_END)
		return FPAGE_NIL;

	fpage_t page = fpage_make(
		address & ~(POOL_PAGE - 1), FPAGE_LOG2_MIN, FPAGE_RIGHTS);
	const struct pool_region *r = &pool->region[region_find(pool, address)];

	if (r->kind == POOL_CONVENTIONAL || thread_id_equal(r->owner, thread))
		return pool_take(pool, page, thread) ? page : FPAGE_NIL;
	return FPAGE_NIL;
}
