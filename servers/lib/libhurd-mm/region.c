/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/region.h"

static struct mm_region pool[MM_REGIONS_MAX]; /* end 0: free */

static int compare(const struct mm_region *a, const struct mm_region *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_HEAD(regions, mm_region);
RB_PROTOTYPE(regions, mm_region, link, compare);
RB_GENERATE(regions, mm_region, link, compare);

static struct regions regions = RB_INITIALIZER(&regions);

void region_reset(void)
{
	RB_INIT(&regions);
	for (unsigned i = 0; i < MM_REGIONS_MAX; i++)
		pool[i].end = 0;
}

static struct mm_region *pool_get(void)
{
	for (unsigned i = 0; i < MM_REGIONS_MAX; i++)
		if (pool[i].end == 0)
			return &pool[i];
	return NULL;
}

struct mm_region *region_next(uint32_t page)
{
	struct mm_region *r = RB_ROOT(&regions), *best = NULL;

	while (r) {
		if (r->end > page) {
			best = r;
			r = RB_LEFT(r, link);
		} else {
			r = RB_RIGHT(r, link);
		}
	}
	return best;
}

struct mm_region *region_find(uint32_t page)
{
	struct mm_region *r = region_next(page);

	return r && r->start <= page ? r : NULL;
}

uint32_t region_gap(uint32_t nr)
{
	uint32_t from = 0;
	struct mm_region *r;

	RB_FOREACH(r, regions, &regions)
	{
		if (r->start - from >= nr)
			return from;
		from = r->end;
	}
	return MM_AREA_PAGES - from >= nr ? from : MM_AREA_PAGES;
}

enum mm_error region_insert(const struct mm_region *wanted)
{
	struct mm_region *r = region_next(wanted->start);

	if (r && r->start < wanted->end)
		return MM_EEXIST;
	r = pool_get();
	if (!r)
		return MM_ENOMEM;
	*r = *wanted;
	RB_INSERT(regions, &regions, r);
	region_merge(r->start, r->end);
	return MM_OK;
}

/* Makes a region begin at @page, if one reaches over it. */
static enum mm_error split(uint32_t page)
{
	struct mm_region *r = region_find(page), *upper;

	if (!r || r->start == page)
		return MM_OK;
	upper = pool_get();
	if (!upper)
		return MM_ENOMEM;
	*upper = *r;
	upper->start = page;
	if (!r->group)
		upper->gpa += (uint64_t)(page - r->start) * MM_PAGE_SIZE;
	r->end = page;
	RB_INSERT(regions, &regions, upper);
	return MM_OK;
}

enum mm_error region_isolate(uint32_t start, uint32_t end)
{
	enum mm_error error = split(start);

	return error ? error : split(end);
}

bool region_covers(uint32_t start, uint32_t end)
{
	for (struct mm_region *r; start < end; start = r->end) {
		r = region_find(start);
		if (!r)
			return false;
	}
	return true;
}

void region_remove(struct mm_region *region)
{
	RB_REMOVE(regions, &regions, region);
	region->end = 0;
}

/* @upper continues @lower. */
static bool continues(
	const struct mm_region *lower, const struct mm_region *upper)
{
	uint64_t size = (uint64_t)(lower->end - lower->start) * MM_PAGE_SIZE;

	return lower->end == upper->start && lower->rights == upper->rights &&
	       lower->group == upper->group && lower->locked == upper->locked &&
	       (lower->group || lower->gpa + size == upper->gpa);
}

void region_merge(uint32_t start, uint32_t end)
{
	struct mm_region *r = region_next(start ? start - 1 : 0);

	while (r && r->start <= end) {
		struct mm_region *next = RB_NEXT(regions, &regions, r);

		if (next && continues(r, next)) {
			r->end = next->end;
			region_remove(next);
		} else {
			r = next;
		}
	}
}
