/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/slots.h"

#include "servers/lib/libhurd-mm/mm.h"

#define BITS 64u

static uint64_t used[MM_AREA_PAGES / BITS];
static uint32_t limit;
static uint32_t from; /* no free slot is below this one's word */

void slots_reset(uint32_t nr)
{
	for (uint32_t i = 0; i < MM_AREA_PAGES / BITS; i++)
		used[i] = 0;
	limit = nr < MM_AREA_PAGES ? nr : MM_AREA_PAGES;
	from = 0;
}

uint32_t slot_get(void)
{
	while (from < limit && used[from / BITS] == UINT64_MAX)
		from = (from / BITS + 1) * BITS;
	if (from >= limit)
		return SLOT_NONE;

	uint32_t word = from / BITS;
	uint32_t slot = word * BITS + (uint32_t)__builtin_ctzll(~used[word]);

	if (slot >= limit)
		return SLOT_NONE;
	used[word] |= UINT64_C(1) << slot % BITS;
	return slot;
}

void slot_put(uint32_t slot)
{
	used[slot / BITS] &= ~(UINT64_C(1) << slot % BITS);
	if (slot < from)
		from = slot;
}
