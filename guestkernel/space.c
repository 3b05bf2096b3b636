/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/space.h"

#include <stddef.h>

#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/map.h"
#include "guestkernel/pool.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/trap.h"
#include "guestkernel/x86/ptab.h"

struct kip *space_kip;

static struct slab spaces = {.size = sizeof(struct space)};

struct space *space_create(void)
{
	struct space *space = slab_alloc(&spaces);

	if (!space)
		return NULL;
	if (!ptab_create(space)) {
		slab_free(&spaces, space);
		return NULL;
	}
	return space;
}

static bool area_is_user(fpage_t area)
{
	uint64_t base = fpage_base(area);

	return base < USER_END && fpage_size(area) <= USER_END - base;
}

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static enum l4_error map_kip(
	struct space *space, fpage_t area, fpage_t utcb_area)
{
	uint64_t *pte;

	if (!fpage_is_valid(area) || !area_is_user(area) ||
		overlaps(fpage_base(area), fpage_size(area),
			fpage_base(utcb_area), fpage_size(utcb_area)))
		return L4_KIP_AREA;
	pte = ptab_make(space, fpage_base(area), PAGE_LOG2);
	if (!pte)
		return L4_NO_MEMORY;
	ptab_set(pte, virt_to_phys(space_kip) | PTE_KIP);
	space->kip_base = fpage_base(area);
	return L4_OK;
}

enum l4_error space_configure(struct space *space, uint64_t control,
	fpage_t kip_area, fpage_t utcb_area)
{
	bool foreign = (control & SPACE_CONTROL_FOREIGN) != 0;
	enum l4_error error = L4_OK;

	if (!fpage_is_valid(utcb_area) || !area_is_user(utcb_area))
		return L4_UTCB_AREA;
	if (foreign)
		space->kip_base = USER_END; /* nowhere */
	else
		error = map_kip(space, kip_area, utcb_area);
	if (error)
		return error;
	space->is_foreign = foreign;
	space->utcb_base = fpage_base(utcb_area);
	space->utcb_size = fpage_size(utcb_area);
	return L4_OK;
}

bool space_holds_utcb(const struct space *space, uint64_t location)
{
	return location % UTCB_SIZE == 0 && location >= space->utcb_base &&
	       location - space->utcb_base < space->utcb_size;
}

void *space_utcb(struct space *space, uint64_t location)
{
	uint64_t offset = location & (PAGE_SIZE - 1);
	uint64_t *pte = ptab_make(space, location, PAGE_LOG2);

	if (!pte)
		return NULL;
	if (!(*pte & PTE_PRESENT)) {
		void *page = pool_alloc();

		if (!page) {
			ptab_remove(space, location);
			return NULL;
		}
		ptab_set(pte, virt_to_phys(page) |
				      (space->is_foreign ? PTE_FOREIGN_UTCB
							 : PTE_UTCB));
	}
	return (char *)phys_to_virt(*pte & PTE_ADDRESS) + offset;
}

bool space_is_special(const struct space *space, uint64_t start, uint64_t size)
{
	if (space->utcb_size == 0)
		return false;
	return overlaps(start, size, space->utcb_base, space->utcb_size) ||
	       overlaps(start, size, space->kip_base, KIP_SIZE);
}

bool space_read(
	const struct space *space, uint64_t from, void *to, unsigned size)
{
	if (from >= USER_END - size)
		return false;
	if (!(*ptab_walk(space, from).pte & PTE_PRESENT))
		return false;
	if (!(*ptab_walk(space, from + size - 1).pte & PTE_PRESENT))
		return false;
	return try_copy(to, (const void *)from, size);
}

/* UTCB pages belong to the space; the KIP page belongs to everybody. */
void space_free_own(struct space *space, uint64_t at)
{
	void *page = phys_to_virt(*ptab_walk(space, at).pte & PTE_ADDRESS);

	ptab_remove(space, at);
	if (at - space->utcb_base < space->utcb_size)
		pool_free(page);
}

void space_destroy(struct space *space)
{
	map_unmap_all(space);
	ptab_destroy(space);
	slab_free(&spaces, space);
}
