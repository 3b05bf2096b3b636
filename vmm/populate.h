/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving domains their guaranteed frames before they touch them.
 *
 * The host zeroes a page on first touch, 0.3 ms for one of 2 MiB, in the time
 * of whoever touches it.  A helper thread touches all RAM instead, piece by
 * piece in the host's time, while the domains already run.
 */
#ifndef VMM_POPULATE_H
#define VMM_POPULATE_H

#include <stdbool.h>
#include <stdint.h>

struct filler;
struct guestmem;

#define POPULATE_PIECE (UINT64_C(256) << 10) /* bytes */

/**
 * populate_ahead - have the memory behind a piece made present, if it is the
 * first of a page of 2 MiB.
 * @at:     offset of the piece
 * @all:    size of what is made present
 * @offset: of all that in the pool
 */
void populate_ahead(
	struct filler *f, uint64_t at, uint64_t all, uint64_t offset);

/**
 * populate_step - make the next piece of slot 0 present, and keep it so.
 * @at: IN and OUT, offset of the piece
 *
 * Errors of the host are no errors here: what is not populated is touched
 * later.  Returns false when all is done, or the guest has begun to give back
 * memory: that is not to be made present again.
 */
bool populate_step(struct filler *f, struct guestmem *gm, uint64_t *at);

#endif
