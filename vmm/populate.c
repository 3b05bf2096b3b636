/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/populate.h"

#include <sys/mman.h>

#include "vmm/memory/memslot.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

bool populate_step(struct guestmem *gm, uint64_t *at)
{
	const struct memslot *s = &gm->slot[0];
	uint64_t left;

	if (!gm->nr || *at >= s->size)
		return false;
	left = s->size - *at;
	if (left > POPULATE_PIECE)
		left = POPULATE_PIECE;
	if (!*at)
		mlock2(s->hva, s->size, MLOCK_ONFAULT);
	if (madvise(s->hva + *at, left, MADV_POPULATE_WRITE))
		return false;
	*at += left;
	return true;
}
