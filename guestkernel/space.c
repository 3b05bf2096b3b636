/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/space.h"

#include <stddef.h>

#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/foreign.h"
#include "guestkernel/map.h"
#include "guestkernel/pool.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/trap.h"
#include "guestkernel/x86/ptab.h"

struct kip *space_kip;

static struct slab spaces;

struct space *space_create(void)
{
	struct space *space = slab_alloc(&spaces, sizeof(struct space));

	if (!space)
		return NULL;
	if (!ptab_create(space)) {
		slab_free(&spaces, space);
		return NULL;
	}
	return space;
}

struct region space_region(fpage_t fpage)
{
	unsigned log2 = fpage_log2(fpage);

	if (fpage_is_complete(fpage))
		return (struct region){0, UINT64_C(1) << FPAGE_LOG2_MAX};
	if (log2 < FPAGE_LOG2_MIN || log2 > FPAGE_LOG2_MAX)
		return (struct region){0, 0};
	return (struct region){fpage_base(fpage), UINT64_C(1) << log2};
}

/* Of size 0 if some of it is not user memory. */
static struct region user_area(fpage_t fpage)
{
	struct region area = space_region(fpage);

	if (area.start + area.size - 1 >= user_end)
		area.size = 0;
	return area;
}

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static enum l4_error map_kip(struct space *space, struct region area)
{
	uint64_t *pte;

	if (!area.size || space_is_special(space, area.start, area.size))
		return L4_KIP_AREA;
	pte = ptab_make(space, area.start, PAGE_LOG2);
	if (!pte)
		return L4_NO_MEMORY;
	ptab_set(pte, virt_to_phys(space_kip) | PTE_KIP);
	space->kip_base = area.start;
	return L4_OK;
}

enum l4_error space_configure(struct space *space, uint64_t control,
	fpage_t kip_area, fpage_t utcb_area)
{
	struct region area = user_area(utcb_area);
	enum l4_error error = L4_OK;

	if (!area.size)
		return L4_UTCB_AREA;
	space->utcb_base = area.start;
	space->utcb_size = area.size;
	space->utcb_page = space->kip_base = UINT64_MAX; /* nowhere */
	if (control & SPACE_CONTROL_FOREIGN) {
		set_bits(&space->thread_flags, THREAD_FOREIGN);
		foreign_any = true;
	} else {
		error = map_kip(space, user_area(kip_area));
	}
	if (error)
		space->utcb_size = 0;
	return error;
}

bool space_holds_utcb(const struct space *space, uint64_t location)
{
	return location % UTCB_SIZE == 0 &&
	       location - space->utcb_base < space->utcb_size;
}

/* A page has room for four, and stays as long as its space. */
bool space_back_utcb(struct space *space, uint64_t location)
{
	uint64_t *pte;

	if ((space->utcb_page ^ location) < PAGE_SIZE)
		return true;
	pte = ptab_make(space, location, PAGE_LOG2);
	if (!pte)
		return false;
	if (!(*pte & PTE_PRESENT)) {
		void *page = pool_alloc();

		if (!page) {
			ptab_remove(space, location);
			return false;
		}
		ptab_set(pte, virt_to_phys(page) |
				      ((space->thread_flags & THREAD_FOREIGN)
						      ? PTE_FOREIGN_UTCB
						      : PTE_UTCB));
	}
	space->utcb_page = page_of(location);
	space->utcb_offset = KERNEL_WINDOW + page_of(*pte) - space->utcb_page;
	return true;
}

bool space_is_special(const struct space *space, uint64_t start, uint64_t size)
{
	return overlaps(start, size, space->utcb_base, space->utcb_size) ||
	       overlaps(start, size, space->kip_base, KIP_SIZE);
}

/* Less than 8 bytes are copied one by one, as far as they are mapped. */
uint64_t space_code(uint64_t address)
{
	uint64_t code = 0;

	if (address < user_end)
		(void)try_copy(&code, (const void *)address, 7);
	return code;
}

/* UTCB pages belong to the space; the KIP page belongs to everybody. */
void space_free_own(struct space *space, uint64_t at, uint64_t frame)
{
	ptab_remove(space, at);
	if (at - space->utcb_base < space->utcb_size)
		pool_free(phys_to_virt(frame));
}

void space_destroy(struct space *space)
{
	map_unmap_all(space);
	ptab_destroy(space);
	slab_free(&spaces, space);
}
