/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/populate.h"

#include <sys/mman.h>

#include "vmm/memory/filler.h"
#include "vmm/memory/memslot.h"
#include "vmm/memory/present.h"

#define SIZE_2M (UINT64_C(2) << 20)

void populate_ahead(
	struct filler *f, uint64_t at, uint64_t all, uint64_t offset)
{
	if (at < all && at % SIZE_2M == 0)
		filler_fill(f, offset + at,
			all - at < SIZE_2M ? all - at : SIZE_2M);
}

bool populate_step(struct filler *f, struct guestmem *gm, uint64_t *at)
{
	const struct memslot *s = &gm->slot[0];
	struct frame_run run;
	uint64_t left;

	if (!gm->nr || *at >= s->size || gm->discarded)
		return false;
	left = s->size - *at;
	if (left > POPULATE_PIECE)
		left = POPULATE_PIECE;
	if (!*at)
		mlock2(s->hva, s->size, MLOCK_ONFAULT);
	if (!backing_lookup(s->backing, s->first, &run))
		populate_ahead(f, *at, s->size, run.first * FRAME_SIZE);
	if (!present_make(s->hva + *at, left))
		return false;
	*at += left;
	return true;
}
