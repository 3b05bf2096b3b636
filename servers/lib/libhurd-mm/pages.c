/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/pages.h"

#include <string.h>

#include "servers/lib/libhurd-mm/region.h"
#include "servers/lib/libhurd-mm/slots.h"
#include "servers/lib/libhurd-mm/space.h"

/* A page without frame and slot has never been written: it reads as zeroes. */
struct page {
	uint16_t frame; /* number + 1; 0: none */
	bool stored;	/* @slot holds what it was when it was last clean */
	uint32_t slot;
};

_Static_assert(MM_FRAMES_MAX < UINT16_MAX, "page.frame");

static struct page page_table[MM_AREA_PAGES];
static struct mm_frame frame_table[MM_FRAMES_MAX];
static struct mm_frames free_frames;
static uint32_t nr_frames, nr_guaranteed;
static struct mm_group groups[MM_GROUPS_MAX];
static unsigned nr_groups;
static const struct mm_store *store;
static struct mm_stat counters;

static uint32_t number_of(const struct mm_frame *frame)
{
	return (uint32_t)(frame - frame_table);
}

static void add_frames(uint32_t first, uint32_t nr)
{
	for (uint32_t i = first; i < first + nr; i++) {
		frame_table[i] = (struct mm_frame){.group = NULL};
		TAILQ_INSERT_TAIL(&free_frames, &frame_table[i], link);
	}
	nr_frames = first + nr;
}

enum mm_error pages_reset(const struct mm_setup *setup)
{
	memset(page_table, 0, sizeof(page_table));
	memset(&counters, 0, sizeof(counters));
	TAILQ_INIT(&free_frames);
	nr_frames = nr_groups = 0;
	nr_guaranteed = setup->frames;
	store = setup->store;
	slots_reset(store ? store->slots : 0);
	if (!space_frames_get(0, nr_guaranteed, false))
		return MM_ENOMEM;
	add_frames(0, nr_guaranteed);
	return pages_group_create(setup->policy, 0, &(unsigned){0});
}

/* --- what is in a frame --- */

bool mm_frame_referenced(struct mm_frame *frame)
{
	uint64_t status = space_revoke(frame->page, 0);

	frame->dirty |= (status & FPAGE_WRITTEN) != 0;
	return (status & (FPAGE_REFERENCED | FPAGE_WRITTEN)) != 0;
}

static void hide(struct mm_frame *frame)
{
	if (space_revoke(frame->page, FPAGE_RIGHTS) & FPAGE_WRITTEN)
		frame->dirty = true;
}

static void fill_frame(
	struct mm_frame *frame, uint32_t page, struct mm_group *group)
{
	frame->page = page;
	frame->group = group;
	frame->history = 0;
	page_table[page].frame = (uint16_t)(number_of(frame) + 1);
	TAILQ_INSERT_TAIL(&group->frames, frame, link);
	group->nr++;
}

static void empty_frame(struct mm_frame *frame)
{
	page_table[frame->page].frame = 0;
	TAILQ_REMOVE(&frame->group->frames, frame, link);
	frame->group->nr--;
	*frame = (struct mm_frame){.group = NULL};
	TAILQ_INSERT_HEAD(&free_frames, frame, link);
}

static enum mm_error clean(struct mm_frame *frame)
{
	struct page *p = &page_table[frame->page];

	if (!frame->dirty)
		return MM_OK;
	if (!p->stored) {
		p->slot = slot_get();
		if (p->slot == SLOT_NONE)
			return MM_ENOSPC;
		p->stored = true;
	}
	if (!store->write(p->slot, space_frame(number_of(frame))))
		return MM_EIO;
	frame->dirty = false;
	counters.written++;
	return MM_OK;
}

/* On an error the page stays; a thread that touches it sees it again. */
static enum mm_error evict(struct mm_frame *frame)
{
	enum mm_error error;

	hide(frame);
	error = clean(frame);
	if (error)
		return error;
	empty_frame(frame);
	counters.evicted++;
	return MM_OK;
}

/* --- having a frame --- */

static enum mm_error evict_from(struct mm_group *group)
{
	struct mm_frame *victim =
		group->nr ? group->policy->victim(group) : NULL;

	if (!victim || victim->group != group || victim->locked)
		return MM_ENOMEM;
	return evict(victim);
}

/* Who gives a frame: the default group, the one in need, any other. */
static enum mm_error evict_any(struct mm_group *needs)
{
	enum mm_error error = evict_from(&groups[0]);

	if (error == MM_ENOMEM && needs != &groups[0])
		error = evict_from(needs);
	for (unsigned i = 1; error == MM_ENOMEM && i < nr_groups; i++)
		error = evict_from(&groups[i]);
	return error;
}

static enum mm_error take_frame(struct mm_group *group, struct mm_frame **frame)
{
	enum mm_error error = MM_OK;

	if (group->limit && group->nr >= group->limit)
		error = evict_from(group);
	else if (TAILQ_EMPTY(&free_frames))
		error = evict_any(group);
	if (error)
		return error;
	*frame = TAILQ_FIRST(&free_frames);
	TAILQ_REMOVE(&free_frames, *frame, link);
	return MM_OK;
}

static enum mm_error bring_in(uint32_t page, struct mm_group *group)
{
	const struct page *p = &page_table[page];
	struct mm_frame *frame;
	enum mm_error error = take_frame(group, &frame);

	if (error)
		return error;

	void *memory = space_frame(number_of(frame));

	if (!p->stored) {
		memset(memory, 0, MM_PAGE_SIZE);
		counters.zero_filled++;
	} else if (store->read(p->slot, memory)) {
		counters.read++;
	} else {
		TAILQ_INSERT_HEAD(&free_frames, frame, link);
		return MM_EIO;
	}
	fill_frame(frame, page, group);
	return MM_OK;
}

static bool show(const struct mm_region *region, uint32_t page)
{
	if (!region->group)
		return space_map_window(page,
			region->gpa +
				(uint64_t)(page - region->start) * MM_PAGE_SIZE,
			region->rights);
	return space_map(
		page, page_table[page].frame - UINT32_C(1), region->rights);
}

enum mm_error pages_fault(uint32_t page, uint64_t access)
{
	const struct mm_region *region = region_find(page);
	enum mm_error error = MM_OK;

	counters.faults++;
	if (!region)
		return MM_ENOENT;
	if (access & ~region->rights)
		return MM_EACCESS;
	if (region->group && !page_table[page].frame)
		error = bring_in(page, region->group);
	if (error)
		return error;
	return show(region, page) ? MM_OK : MM_ENOMEM;
}

/* --- ranges of pages --- */

void pages_drop(uint32_t start, uint32_t end)
{
	for (uint32_t i = start; i < end; i++) {
		struct page *p = &page_table[i];

		(void)space_revoke(i, FPAGE_RIGHTS);
		if (p->frame)
			empty_frame(&frame_table[p->frame - 1]);
		if (p->stored)
			slot_put(p->slot);
		*p = (struct page){0};
	}
}

void pages_take_rights(uint32_t start, uint32_t end, uint64_t rights)
{
	for (uint32_t i = start; i < end; i++) {
		uint64_t status = space_revoke(i, rights);

		if (page_table[i].frame && (status & FPAGE_WRITTEN))
			frame_table[page_table[i].frame - 1].dirty = true;
	}
}

void pages_unlock(uint32_t start, uint32_t end)
{
	for (uint32_t i = start; i < end; i++)
		if (page_table[i].frame)
			frame_table[page_table[i].frame - 1].locked = false;
}

enum mm_error pages_lock(uint32_t start, uint32_t end)
{
	for (uint32_t i = start; i < end; i++) {
		const struct mm_region *region = region_find(i);
		enum mm_error error = MM_OK;

		if (!region->group)
			continue;
		if (!page_table[i].frame)
			error = bring_in(i, region->group);
		if (error)
			return error;
		frame_table[page_table[i].frame - 1].locked = true;
	}
	return MM_OK;
}

/* --- more frames and fewer --- */

enum mm_error pages_grow(void)
{
	if (nr_frames + MM_CHUNK > MM_FRAMES_MAX ||
		!space_frames_get(nr_frames, MM_CHUNK, true))
		return MM_ENOMEM;
	add_frames(nr_frames, MM_CHUNK);
	return MM_OK;
}

/* Free frames from @first on are not to be used any more. */
static void set_aside(uint32_t first, struct mm_frames *aside)
{
	struct mm_frame *frame = TAILQ_FIRST(&free_frames), *next;

	for (; frame; frame = next) {
		next = TAILQ_NEXT(frame, link);
		if (number_of(frame) < first)
			continue;
		TAILQ_REMOVE(&free_frames, frame, link);
		TAILQ_INSERT_TAIL(aside, frame, link);
	}
}

/* Moves the page of @from into a free frame. */
static void move(struct mm_frame *from)
{
	struct mm_frame *to = TAILQ_FIRST(&free_frames);
	struct mm_group *group = from->group;
	uint32_t page = from->page;

	hide(from);
	memcpy(space_frame(number_of(to)), space_frame(number_of(from)),
		MM_PAGE_SIZE);
	TAILQ_REMOVE(&free_frames, to, link);
	to->dirty = from->dirty;
	to->locked = from->locked;
	empty_frame(from);
	fill_frame(to, page, group);
}

enum mm_error pages_shrink(void)
{
	struct mm_frames aside = TAILQ_HEAD_INITIALIZER(aside);
	uint32_t first = nr_frames - MM_CHUNK;
	enum mm_error error = MM_OK;

	if (nr_frames == nr_guaranteed)
		return MM_ENOENT;
	set_aside(first, &aside);
	for (uint32_t i = first; !error && i < nr_frames;) {
		if (!frame_table[i].group) {
			i++;
			continue;
		}
		if (TAILQ_EMPTY(&free_frames))
			error = evict_any(frame_table[i].group);
		else
			move(&frame_table[i]);
		set_aside(first, &aside);
	}
	if (!error && !space_frames_put(first))
		error = MM_ENOMEM;
	if (error)
		TAILQ_CONCAT(&free_frames, &aside, link);
	else
		nr_frames = first;
	return error;
}

/* --- groups --- */

enum mm_error pages_group_create(
	const struct mm_policy *policy, uint32_t limit, unsigned *group)
{
	struct mm_group *new = &groups[nr_groups];

	if (nr_groups == MM_GROUPS_MAX)
		return MM_ENOMEM;
	*new = (struct mm_group){.policy = policy, .limit = limit};
	TAILQ_INIT(&new->frames);
	*group = nr_groups++;
	return MM_OK;
}

struct mm_group *pages_group(unsigned number)
{
	return number < nr_groups ? &groups[number] : NULL;
}

void pages_stat(struct mm_stat *stat)
{
	*stat = counters;
	stat->frames = nr_frames;
	stat->used = 0;
	for (unsigned i = 0; i < nr_groups; i++)
		stat->used += groups[i].nr;
}
