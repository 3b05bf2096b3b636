/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map, grant and unmap: fpages between address spaces.
 */
#ifndef GUESTKERNEL_MAP_H
#define GUESTKERNEL_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/fpage.h"

struct space;

/**
 * map_transfer - carry out a map or grant item.
 * @from:   the sender's space
 * @item:   first word of the item: send base and kind
 * @fpage:  second word: what is sent, with which rights
 * @to:     the receiver's space
 * @window: the receiver's window, not nil
 *
 * Pages that the sender does not have, and places that the receiver may not
 * map (UTCB area, KIP), are skipped.  A grant of part of a 2 MiB page makes
 * small ones of it first.
 *
 * Returns false if kernel memory ran out; what was mapped stays.
 * Source: L4 X.2 Reference Manual, "MapItem".
 */
bool map_transfer(struct space *from, uint64_t item, fpage_t fpage,
	struct space *to, fpage_t window);

/**
 * map_unmap - carry out Unmap for one fpage.
 * @space: the caller's
 * @fpage: the region, with the rights to revoke
 * @flush: also the caller's own mappings
 *
 * Returns the status bits of the region.
 * Source: L4 X.2 Reference Manual, "Unmap".
 */
uint64_t map_unmap(struct space *space, fpage_t fpage, bool flush);

/**
 * map_unmap_frames - revoke @rights (FPAGE_*) to guest-physical [@start, @end)
 * from everybody; sigma0 gets them back when it needs them.  Returns the status
 * bits.
 */
uint64_t map_unmap_frames(uint64_t start, uint64_t end, uint64_t rights);

/**
 * map_unmap_all - flush everything that is mapped in a dying space, its own
 * pages included: what remains are no tables but the root.
 */
void map_unmap_all(struct space *space);

/**
 * map_sigma0_fault - sigma0 touched guest-physical memory that it owns.
 *
 * Returns false if there is none at @address or no kernel memory.
 */
bool map_sigma0_fault(struct space *sigma0, uint64_t address);

#endif
