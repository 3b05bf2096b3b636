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

#define WINDOW_PAGES 64 /* between interrupt windows */
#define SPLIT_PAGES 8	/* a table, its companion, nodes for 512 pages */

#define PTE_MAPPED (PTE_PRESENT | PTE_USER)

/* A page at its source. */
struct page {
	struct mapping *node; /* NULL: sigma0's */
	uint64_t phys;
	uint64_t rights; /* FPAGE_* */
	unsigned log2;	 /* of the page, or of the hole if it has no rights */
};

struct transfer {
	struct space *from, *to;
	uint64_t rights;
	bool grant;
};

void mapdb_pause(void)
{
	interrupt_window();
}

static uint64_t align_down(uint64_t address, unsigned log2)
{
	return address >> log2 << log2;
}

static uint64_t low_bits(uint64_t address, unsigned log2)
{
	return address - align_down(address, log2);
}

static uint64_t next_boundary(uint64_t address, unsigned log2)
{
	return ((address >> log2) + 1) << log2;
}

/* Where an fpage begins and how large it is.  False: it is none. */
static bool locate(fpage_t fpage, uint64_t *start, unsigned *log2)
{
	*start = fpage_base(fpage);
	*log2 = fpage_log2(fpage);
	if (!fpage_is_complete(fpage))
		return fpage_is_valid(fpage);
	*start = 0;
	*log2 = FPAGE_LOG2_MAX;
	return true;
}

/* Of 2^@log2 bytes at @start, those in user memory. */
static uint64_t user_part(uint64_t start, unsigned log2)
{
	uint64_t rest = start < USER_END ? USER_END - start : 0;

	return rest >> log2 ? UINT64_C(1) << log2 : rest;
}

/* sigma0's tables do not count: it owns every frame at its own address. */
static void find_sigma0_page(uint64_t address, struct page *page)
{
	uint64_t large = align_down(address, LARGE_LOG2);

	page->node = NULL;
	page->rights = FPAGE_RIGHTS;
	page->log2 = LARGE_LOG2;
	page->phys = large;
	if (frames_are_user(large, LARGE_SIZE))
		return;
	page->log2 = PAGE_LOG2;
	page->phys = align_down(address, PAGE_LOG2);
	if (!frames_are_user(page->phys, PAGE_SIZE))
		page->rights = 0;
}

static void find_page(struct space *from, uint64_t address, struct page *page)
{
	uint64_t *pte;

	if (from->is_sigma0) {
		find_sigma0_page(address, page);
		return;
	}
	pte = ptab_walk(from->root, address, &page->log2);
	page->rights = 0;
	if (!(*pte & PTE_PRESENT) || (*pte & PTE_OWN))
		return;
	page->node = *ptab_mapping(pte);
	page->phys = align_down(*pte & PTE_ADDRESS, page->log2);
	page->rights = FPAGE_R | FPAGE_X | ((*pte & PTE_WRITE) ? FPAGE_W : 0);
}

static uint64_t unmap_region(struct space *space, uint64_t start, uint64_t end,
	uint64_t rights, enum mapdb_scope scope);

/*
 * Make room at the destination.  Returns false if what is there stays: the
 * same frame (its rights may grow), or a mapping that the source came from.
 */
static bool clear_place(struct transfer *t, const struct page *source,
	uint64_t phys, uint64_t at, unsigned log2)
{
	unsigned there_log2;
	uint64_t *pte = ptab_walk(t->to->root, at, &there_log2);
	struct mapping *there;

	if (there_log2 < log2) {
		unmap_region(t->to, at, at + (UINT64_C(1) << log2),
			FPAGE_RIGHTS, MAPDB_FLUSH);
		return true;
	}
	if (!(*pte & PTE_PRESENT))
		return true;
	there = *ptab_mapping(pte);
	if (source->node && mapdb_is_ancestor(there, source->node))
		return false;
	if (there_log2 == log2 && (*pte & PTE_ADDRESS) == phys &&
		mapdb_is_child(there, source->node) && !t->grant) {
		if (t->rights & source->rights & FPAGE_W)
			*pte |= PTE_WRITE;
		ptab_invalidate(t->to, at);
		return false;
	}
	mapdb_revoke(there, MAPDB_FLUSH, FPAGE_RIGHTS);
	return true;
}

/* One page of size 2^@log2 from @address; false: out of memory. */
static bool transfer_page(struct transfer *t, const struct page *source,
	uint64_t address, uint64_t at, unsigned log2)
{
	uint64_t phys =
		source->phys +
		(align_down(address, log2) - align_down(address, source->log2));
	uint64_t rights = t->rights & source->rights;
	struct mapping *node = source->node;
	bool moves = t->grant && node;
	struct mapping **place;
	uint64_t *pte;

	if (!rights || space_is_special(t->to, at, UINT64_C(1) << log2))
		return true;
	if (!clear_place(t, source, phys, at, log2))
		return true;
	pte = ptab_make(t->to, at, log2);
	if (!pte)
		return false;
	place = ptab_mapping(pte);
	if (place && !moves)
		node = mapdb_add(node ? NULL : frames_head(phys, log2), node,
			t->to, at, log2);
	if (!place || !node) {
		ptab_trim(t->to, at);
		return false;
	}
	*place = node;
	ptab_set(pte, phys | PTE_MAPPED | ((rights & FPAGE_W) ? PTE_WRITE : 0) |
			      (log2 == LARGE_LOG2 ? PTE_LARGE : 0));
	if (moves) {
		uint64_t old = mapping_address(node);

		mapdb_move(node, t->to, at);
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
static bool split(const struct transfer *t, struct page *page, uint64_t at)
{
	struct transfer own = {t->from, t->from, page->rights, false};
	struct mapping *whole = page->node;
	uint64_t end;

	if (!pool_holds(SPLIT_PAGES))
		return false;
	page->node = mapdb_parent(whole);
	mapdb_revoke(whole, MAPDB_FLUSH, FPAGE_RIGHTS);
	at = align_down(at, LARGE_LOG2);
	for (end = at + LARGE_SIZE; at < end; at += PAGE_SIZE)
		transfer_page(&own, page, at, at, PAGE_LOG2);
	return true;
}

static unsigned piece_log2(const struct transfer *t, const struct page *page,
	uint64_t address, uint64_t at, uint64_t size)
{
	if (page->log2 >= LARGE_LOG2 && size >= LARGE_SIZE &&
		((address | at) & (LARGE_SIZE - 1)) == 0 &&
		!space_is_special(t->to, at, LARGE_SIZE))
		return LARGE_LOG2;
	return PAGE_LOG2;
}

static bool transfer_region(
	struct transfer *t, uint64_t address, uint64_t at, uint64_t size)
{
	uint64_t end = address + size;
	unsigned pages = 0;

	if (t->from->is_sigma0 && end > frames_end())
		end = frames_end();
	while (address < end) {
		struct page page;
		uint64_t next;

		find_page(t->from, address, &page);
		if (page.rights) {
			unsigned log2 = piece_log2(
				t, &page, address, at, end - address);

			if (t->grant && page.node && log2 < page.log2) {
				if (!split(t, &page, address))
					return false;
				continue;
			}
			if (!transfer_page(t, &page, address, at, log2))
				return false;
			next = address + (UINT64_C(1) << log2);
		} else {
			next = next_boundary(address, page.log2);
			if (t->from->is_sigma0)
				next = frames_next(next);
		}
		at += next - address;
		address = next;
		if (++pages % WINDOW_PAGES == 0)
			interrupt_window();
	}
	return true;
}

bool map_transfer(struct space *from, uint64_t item, fpage_t fpage,
	struct space *to, fpage_t window)
{
	struct transfer t = {
		from, to, fpage_rights(fpage), item_type(item) == ITEM_GRANT};
	unsigned from_log2, to_log2;
	uint64_t start, place, within;

	if (to->is_sigma0 || !locate(fpage, &start, &from_log2) ||
		!locate(window, &place, &to_log2))
		return true;
	/* The base says where the smaller one lies in the larger. */
	within = item & ITEM_BASE_MASK;
	if (from_log2 <= to_log2) {
		place += align_down(low_bits(within, to_log2), from_log2);
	} else {
		start += align_down(low_bits(within, from_log2), to_log2);
		from_log2 = to_log2;
	}
	return transfer_region(&t, start, place,
		user_part(start > place ? start : place, from_log2));
}

/* Derived from a larger page: only what lies in [@start, @end) of it. */
static uint64_t revoke_part(struct mapping *m, uint64_t phys, uint64_t start,
	uint64_t end, uint64_t rights)
{
	uint64_t low = phys + (start - mapping_address(m));
	uint64_t high = low + (end - start);
	uint64_t status = 0;
	struct mapping *next = mapdb_next_child(m, NULL);

	while (next) {
		struct mapping *child = next;
		unsigned log2;
		uint64_t frame;

		next = mapdb_next_child(m, child);
		frame = *ptab_walk(child->space->root, mapping_address(child),
				&log2) &
			PTE_ADDRESS;
		if (frame < high && low < frame + (UINT64_C(1) << log2))
			status |= mapdb_revoke(child, MAPDB_FLUSH, rights);
	}
	return status;
}

static uint64_t unmap_page(uint64_t *pte, unsigned log2, uint64_t start,
	uint64_t end, uint64_t rights, enum mapdb_scope scope)
{
	struct mapping *node = *ptab_mapping(pte);
	uint64_t page = mapping_address(node);
	uint64_t page_end = page + (UINT64_C(1) << log2);

	if (scope == MAPDB_DERIVED && (start > page || end < page_end))
		return revoke_part(node, *pte & PTE_ADDRESS,
			start > page ? start : page,
			end < page_end ? end : page_end, rights);
	return mapdb_revoke(node, scope, rights);
}

static uint64_t unmap_region(struct space *space, uint64_t start, uint64_t end,
	uint64_t rights, enum mapdb_scope scope)
{
	uint64_t status = 0;
	unsigned entries = 0;

	for (uint64_t at = start; at < end;) {
		unsigned log2;
		uint64_t *pte = ptab_walk(space->root, at, &log2);

		if ((*pte & PTE_PRESENT) && !(*pte & PTE_OWN))
			status |= unmap_page(
				pte, log2, start, end, rights, scope);
		/* Empty entries take their time too. */
		if (++entries % WINDOW_PAGES == 0)
			interrupt_window();
		at = next_boundary(at, log2);
	}
	return status;
}

static uint64_t revoke_list(uint64_t phys, unsigned log2, uint64_t rights)
{
	struct mapping *m = *frames_head(phys, log2);
	uint64_t status = 0;

	while (m) {
		struct mapping *next = m->next;

		while (next && mapping_depth(next) > 1)
			next = next->next;
		status |= mapdb_revoke(m, MAPDB_FLUSH, rights);
		m = next;
	}
	return status;
}

/* sigma0 owns the frames themselves: all that anybody has is derived. */
uint64_t map_unmap_frames(uint64_t start, uint64_t end, uint64_t rights)
{
	uint64_t status = 0;
	unsigned frames = 0;

	if (end > frames_end())
		end = frames_end();
	for (uint64_t at = frames_next(start); at < end;
		at = frames_next(at + PAGE_SIZE)) {
		if (++frames % WINDOW_PAGES == 0)
			interrupt_window();
		if (!frames_are_user(at, PAGE_SIZE))
			continue;
		status |= revoke_list(
			align_down(at, LARGE_LOG2), LARGE_LOG2, rights);
		status |= revoke_list(at, PAGE_LOG2, rights);
	}
	return status;
}

uint64_t map_unmap(struct space *space, fpage_t fpage, bool flush)
{
	uint64_t start, end;
	unsigned log2;

	if (!locate(fpage, &start, &log2))
		return 0;
	end = start + user_part(start, log2);
	if (space->is_sigma0)
		return map_unmap_frames(start, end, fpage_rights(fpage));
	return unmap_region(space, start, end, fpage_rights(fpage),
		flush ? MAPDB_FLUSH : MAPDB_DERIVED);
}

void map_unmap_all(struct space *space)
{
	unmap_region(space, 0, USER_END, FPAGE_RIGHTS, MAPDB_FLUSH);
}

bool map_sigma0_fault(struct space *sigma0, uint64_t address)
{
	struct page page;
	uint64_t *pte;

	find_sigma0_page(address, &page);
	if (!page.rights ||
		space_is_special(sigma0, page.phys, UINT64_C(1) << page.log2))
		return false;
	pte = ptab_make(sigma0, page.phys, page.log2);
	if (!pte || (*pte & PTE_PRESENT))
		return false;
	ptab_set(pte, page.phys | PTE_MAPPED | PTE_WRITE | PTE_OWN |
			      (page.log2 == LARGE_LOG2 ? PTE_LARGE : 0));
	return true;
}
