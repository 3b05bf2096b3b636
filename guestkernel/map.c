/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A transfer goes page by page.  Long ones open an interrupt window from time
 * to time: nothing that the event's handler does can be seen from here, since
 * it returns at once and the event is read at dispatch.
 */
#include "guestkernel/map.h"

#include <stddef.h>

#include "guestkernel/abi/item.h"
#include "guestkernel/frames.h"
#include "guestkernel/mapdb.h"
#include "guestkernel/pool.h"
#include "guestkernel/space.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/ptab.h"

#define SPLIT_PAGES 8 /* a table, its companion, nodes for 512 pages */

#define PTE_MAPPED (PTE_PRESENT | PTE_USER)

_Static_assert(PTE_WRITE == FPAGE_W && PTE_MAPPED == (FPAGE_R | FPAGE_X),
	"rights of entries");

struct transfer {
	struct space *from, *to;
	uint64_t address, end; /* in @from */
	uint64_t at;	       /* in @to, what is at @address */
	unsigned rights;
	bool grant;
	/* What @from has at @address: a page, or a hole without rights. */
	struct mapping *node; /* NULL: sigma0's */
	uint64_t phys;
	unsigned has; /* FPAGE_* */
	unsigned log2;
};

void mapdb_pause(void)
{
	interrupt_window();
}

static uint64_t align_down(uint64_t address, unsigned log2)
{
	return address >> log2 << log2;
}

/*
 * sigma0's tables do not count: it owns every frame at its own address.  What
 * it grants it keeps: that is a map.
 */
static void find_page(struct transfer *t)
{
	struct leaf leaf;

	if (t->from->is_sigma0) {
		t->grant = false;
		t->node = NULL;
		t->phys = t->address;
		t->has = frames_head(t->address, PAGE_SIZE) ? FPAGE_RIGHTS : 0;
		t->log2 = LARGE_LOG2;
		return;
	}
	leaf = ptab_walk(t->from, t->address);
	t->log2 = leaf.log2;
	t->has = 0;
	if (!leaf_is_mapped(leaf))
		return;
	t->has = (unsigned)*leaf.pte & FPAGE_RIGHTS;
	t->phys = page_of(*leaf.pte) |
		  (t->address & ((UINT64_C(1) << leaf.log2) - 1));
	t->node = *ptab_mapping(leaf.pte);
}

static uint64_t unmap_region(struct space *space, uint64_t start, uint64_t end,
	uint64_t rights, enum mapdb_scope scope);

/*
 * Make room at the destination, where @there is.  Returns false if that stays:
 * the same frame (its rights may grow), or a mapping that the source came from.
 */
static bool clear_place(const struct transfer *t, struct leaf there,
	unsigned log2, unsigned rights)
{
	if (there.log2 >= log2) {
		struct mapping *node;

		if (!(*there.pte & PTE_PRESENT))
			return true;
		node = *ptab_mapping(there.pte);
		if (mapdb_is_ancestor(node, t->node))
			return false;
		if (there.log2 == log2 && !t->grant &&
			page_of(*there.pte) == t->phys &&
			mapdb_parent(node) == t->node) {
			*there.pte |= rights & FPAGE_W;
			ptab_invalidate(t->to, t->at);
			return false;
		}
	}
	unmap_region(t->to, t->at, t->at + (UINT64_C(1) << log2), FPAGE_RIGHTS,
		MAPDB_FLUSH);
	return true;
}

/* One page of size 2^@log2; false: out of memory. */
static bool transfer_page(struct transfer *t, unsigned log2)
{
	unsigned rights = t->rights & t->has;
	struct mapping *node = t->node;
	struct mapping **place;
	struct leaf there;

	if (!rights || space_is_special(t->to, t->at, UINT64_C(1) << log2))
		return true;
	there = ptab_walk(t->to, t->at);
	if (there.log2 != log2 || (*there.pte & PTE_PRESENT)) {
		if (!clear_place(t, there, log2, rights))
			return true;
		there.pte = ptab_make(t->to, t->at, log2);
		if (!there.pte)
			return false;
	}
	place = ptab_mapping(there.pte);
	if (place && !t->grant)
		node = mapdb_add(node ? NULL : frames_head(t->phys, PAGE_SIZE),
			node, t->to, t->at);
	if (!place || !node) {
		ptab_remove(t->to, t->at);
		return false;
	}
	*place = node;
	ptab_set(there.pte, t->phys | PTE_MAPPED | (rights & FPAGE_W) |
				    (log2 == LARGE_LOG2 ? PTE_LARGE : 0));
	if (t->grant) {
		uint64_t old = mapping_address(node);

		mapdb_move(node, t->to, t->at);
		ptab_remove(t->from, old);
		if (!(rights & FPAGE_W))
			mapdb_revoke(node, MAPDB_DERIVED, FPAGE_W);
	}
	return true;
}

/*
 * A grant of part of a large page: that becomes small ones first, which their
 * source gets anew from where the large one came from.  What was derived from
 * it is gone.  False: out of memory, and nothing has changed.
 */
static bool split(const struct transfer *t)
{
	struct transfer own = *t;
	uint64_t low = t->address % LARGE_SIZE;

	if (!pool_holds(SPLIT_PAGES))
		return false;
	own.to = t->from;
	own.rights = FPAGE_RIGHTS;
	own.grant = false;
	own.node = mapdb_parent(t->node);
	own.phys -= low;
	own.at = t->address - low;
	mapdb_revoke(t->node, MAPDB_FLUSH, FPAGE_RIGHTS);
	for (unsigned i = 0; i < LARGE_SIZE / PAGE_SIZE; i++) {
		transfer_page(&own, PAGE_LOG2);
		own.phys += PAGE_SIZE;
		own.at += PAGE_SIZE;
	}
	return true;
}

static unsigned piece_log2(const struct transfer *t)
{
	if (t->log2 >= LARGE_LOG2 && t->end - t->address >= LARGE_SIZE &&
		((t->address | t->at) & (LARGE_SIZE - 1)) == 0 &&
		frames_head(t->phys, LARGE_SIZE) &&
		!space_is_special(t->to, t->at, LARGE_SIZE))
		return LARGE_LOG2;
	return PAGE_LOG2;
}

static __attribute__((noinline)) bool transfer_region(struct transfer *t)
{
	while (t->address < t->end) {
		uint64_t next;

		find_page(t);
		if (t->has) {
			unsigned log2 = piece_log2(t);

			if (t->grant && log2 < t->log2) {
				if (!split(t))
					return false;
				continue;
			}
			if (!transfer_page(t, log2))
				return false;
			next = t->address + (UINT64_C(1) << log2);
		} else if (t->from->is_sigma0) {
			next = frames_next(t->address);
		} else {
			next = leaf_end(t->address, t->log2);
		}
		t->at += next - t->address;
		t->address = next;
		mapdb_step();
	}
	return true;
}

bool map_transfer(struct space *from, uint64_t item, fpage_t fpage,
	struct space *to, fpage_t window)
{
	struct region source = space_region(fpage);
	struct region room = space_region(window);
	uint64_t rest;
	struct transfer t;

	if (!source.size || !room.size)
		return true;
	t.from = from;
	t.to = to;
	t.rights = (unsigned)fpage_rights(fpage);
	t.grant = item_type(item) == ITEM_GRANT;
	/* The base says where the smaller one lies in the larger. */
	if (source.size <= room.size) {
		room.start += item & (room.size - source.size);
	} else {
		source.start += item & (source.size - room.size);
		source.size = room.size;
	}
	t.address = source.start;
	t.at = room.start;
	rest = user_end - (t.address > t.at ? t.address : t.at);
	if (rest > user_end)
		return true;
	t.end = t.address + (source.size < rest ? source.size : rest);
	return transfer_region(&t);
}

/* Of @m and what has the same source, those with frames in [@start, @end). */
static uint64_t revoke_frames(
	struct mapping *m, uint64_t start, uint64_t end, uint64_t rights)
{
	uint64_t status = 0;

	while (m) {
		struct mapping *next = mapdb_next(m);
		struct leaf leaf = ptab_walk(m->space, mapping_address(m));
		uint64_t frame = page_of(*leaf.pte);

		if (frame < end && start < frame + (UINT64_C(1) << leaf.log2))
			status |= mapdb_revoke(m, MAPDB_FLUSH, rights);
		m = next;
	}
	return status;
}

static uint64_t unmap_page(struct leaf leaf, uint64_t start, uint64_t end,
	uint64_t rights, enum mapdb_scope scope)
{
	struct mapping *node = *ptab_mapping(leaf.pte);
	uint64_t page = mapping_address(node);
	uint64_t frame = page_of(*leaf.pte);

	/* Derived from a larger page: only what is meant of it. */
	if (scope == MAPDB_DERIVED &&
		(start > page || end < page + (UINT64_C(1) << leaf.log2)))
		return revoke_frames(mapdb_first(node), frame + start - page,
			frame + end - page, rights);
	return mapdb_revoke(node, scope, rights);
}

static uint64_t unmap_region(struct space *space, uint64_t start, uint64_t end,
	uint64_t rights, enum mapdb_scope scope)
{
	uint64_t status = 0;

	for (uint64_t at = start; at < end;) {
		struct leaf leaf = ptab_walk(space, at);

		if (leaf_is_mapped(leaf))
			status |= unmap_page(leaf, start, end, rights, scope);
		else if (!space->nr_threads && (*leaf.pte & PTE_PRESENT))
			space_free_own(space, at, page_of(*leaf.pte));
		/* Empty entries take their time too. */
		mapdb_step();
		at = leaf_end(at, leaf.log2);
	}
	return status;
}

/* A large page's mappings are in the list of its first frame. */
uint64_t map_unmap_frames(uint64_t start, uint64_t end, uint64_t rights)
{
	uint64_t at = align_down(start, LARGE_LOG2);
	uint64_t status = 0;

	while (start < end && (at = frames_next(at)) < end) {
		status |= revoke_frames(
			*frames_head(at, PAGE_SIZE), start, end, rights);
		mapdb_step();
		at = at < start ? start : at + PAGE_SIZE;
	}
	return status;
}

uint64_t map_unmap(struct space *space, fpage_t fpage, bool flush)
{
	struct region region = space_region(fpage);
	uint64_t end = region.start + region.size; /* 0: nothing below it */

	if (end > user_end)
		end = user_end;
	if (space->is_sigma0)
		return map_unmap_frames(region.start, end, fpage_rights(fpage));
	return unmap_region(space, region.start, end, fpage_rights(fpage),
		flush ? MAPDB_FLUSH : MAPDB_DERIVED);
}

void map_unmap_all(struct space *space)
{
	unmap_region(space, 0, user_end, FPAGE_RIGHTS, MAPDB_FLUSH);
}

/* As if sigma0 had mapped to itself what there is of the 2 MiB around it. */
bool map_sigma0_fault(struct space *sigma0, uint64_t address)
{
	fpage_t fpage = {align_down(address, LARGE_LOG2) |
			 LARGE_LOG2 << FPAGE_LOG2_SHIFT | FPAGE_RIGHTS};

	map_transfer(sigma0, ITEM_MAP, fpage, sigma0, fpage);
	return *ptab_walk(sigma0, address).pte & PTE_WRITE;
}
