/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/request.h"

#include "servers/lib/libhurd-mm/pages.h"
#include "servers/lib/libhurd-mm/region.h"

/* Pages of the area. */
struct range {
	uint32_t start, end;
};

static bool size_is_valid(uint64_t size)
{
	return size && size % MM_PAGE_SIZE == 0 &&
	       size <= (uint64_t)MM_AREA_PAGES * MM_PAGE_SIZE;
}

static bool range_make(const struct request *request, struct range *range)
{
	uint64_t offset = request->address - MM_AREA_START;
	uint64_t nr = request->size / MM_PAGE_SIZE;

	if (!size_is_valid(request->size) || offset % MM_PAGE_SIZE ||
		offset / MM_PAGE_SIZE > MM_AREA_PAGES - nr)
		return false;
	range->start = (uint32_t)(offset / MM_PAGE_SIZE);
	range->end = range->start + (uint32_t)nr;
	return true;
}

static bool rights_are_valid(uint64_t rights)
{
	return (rights & ~FPAGE_RIGHTS) == 0;
}

static enum mm_error map(struct request *request, struct mm_group *group)
{
	struct range range;
	uint32_t gap;

	if (!size_is_valid(request->size) || !rights_are_valid(request->rights))
		return MM_EINVAL;
	if (!request->address) {
		gap = region_gap((uint32_t)(request->size / MM_PAGE_SIZE));
		if (gap == MM_AREA_PAGES)
			return MM_ENOMEM;
		request->address = MM_AREA_START + (uint64_t)gap * MM_PAGE_SIZE;
	}
	if (!range_make(request, &range))
		return MM_EINVAL;
	return region_insert(&(struct mm_region){
		.start = range.start,
		.end = range.end,
		.rights = request->rights,
		.group = group,
		.gpa = request->gpa,
	});
}

static enum mm_error map_anonymous(struct request *request)
{
	struct mm_group *group = pages_group(request->group);

	return group ? map(request, group) : MM_EINVAL;
}

static enum mm_error unmap(const struct request *request)
{
	struct range range;
	struct mm_region *r;
	enum mm_error error;

	if (!range_make(request, &range))
		return MM_EINVAL;
	error = region_isolate(range.start, range.end);
	if (error)
		return error;
	while ((r = region_next(range.start)) && r->start < range.end) {
		pages_drop(r->start, r->end);
		region_remove(r);
	}
	return MM_OK;
}

/* The regions of the range alone; request's attributes are for all of it. */
static enum mm_error isolate(const struct request *request, struct range *range)
{
	if (!range_make(request, range))
		return MM_EINVAL;
	if (!region_covers(range->start, range->end))
		return MM_ENOENT;
	return region_isolate(range->start, range->end);
}

static void set_locked(const struct range *range, bool locked)
{
	for (uint32_t i = range->start; i < range->end;) {
		struct mm_region *r = region_find(i);

		r->locked = locked;
		i = r->end;
	}
	region_merge(range->start, range->end);
}

static enum mm_error protect(const struct request *request)
{
	struct range range;
	enum mm_error error;

	if (!rights_are_valid(request->rights))
		return MM_EINVAL;
	error = isolate(request, &range);
	if (error)
		return error;
	for (uint32_t i = range.start; i < range.end;) {
		struct mm_region *r = region_find(i);
		uint64_t lost = r->rights & ~request->rights;

		/* Without the right to read nothing is left of a page. */
		if (lost & FPAGE_R)
			lost = FPAGE_RIGHTS;
		if (lost)
			pages_take_rights(r->start, r->end, lost);
		r->rights = request->rights;
		i = r->end;
	}
	region_merge(range.start, range.end);
	return MM_OK;
}

/* What was not locked before is not locked. */
static void unlock_new(const struct range *range)
{
	for (uint32_t i = range->start; i < range->end;) {
		const struct mm_region *r = region_find(i);

		if (!r->locked)
			pages_unlock(r->start, r->end);
		i = r->end;
	}
	region_merge(range->start, range->end);
}

static enum mm_error lock(const struct request *request)
{
	struct range range;
	enum mm_error error = isolate(request, &range);

	if (error)
		return error;
	error = pages_lock(range.start, range.end);
	if (error)
		unlock_new(&range);
	else
		set_locked(&range, true);
	return error;
}

static enum mm_error unlock(const struct request *request)
{
	struct range range;
	enum mm_error error = isolate(request, &range);

	if (error)
		return error;
	pages_unlock(range.start, range.end);
	set_locked(&range, false);
	return MM_OK;
}

enum mm_error request_serve(struct request *request)
{
	switch ((enum request_op)request->op) {
	case REQUEST_MAP:
		return map_anonymous(request);
	case REQUEST_MAP_WINDOW:
		return map(request, NULL);
	case REQUEST_UNMAP:
		return unmap(request);
	case REQUEST_PROTECT:
		return protect(request);
	case REQUEST_LOCK:
		return lock(request);
	case REQUEST_UNLOCK:
		return unlock(request);
	case REQUEST_GROUP_CREATE:
		return pages_group_create(
			request->policy, request->limit, &request->group);
	case REQUEST_GROW:
		return pages_grow();
	case REQUEST_SHRINK:
		return pages_shrink();
	case REQUEST_STAT:
		pages_stat(&request->stat);
		return MM_OK;
	}
	return MM_EINVAL;
}
