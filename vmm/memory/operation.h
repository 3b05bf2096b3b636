/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each request about containers does: a beginning, in which it is checked
 * and can still be refused, and pieces.
 *
 * A piece changes a few frames and shows them in all windows, so that windows
 * and containers agree in between.
 */
#ifndef VMM_MEMORY_OPERATION_H
#define VMM_MEMORY_OPERATION_H

#include "vmm/memory/window.h"

/** operation_is_known - @label is a request that is carried out in pieces. */
bool operation_is_known(uint64_t label);

/** operation_keeps_frames - no frame leaves its container by it, or gets to
 * another one: it may be done to one that is pinned. */
bool operation_keeps_frames(uint64_t label);

/**
 * operation_unpin - no device reaches frames of @c from now on.
 *
 * Returns true if none is at work on them any more either.
 */
bool operation_unpin(struct memory *m, const struct container *c);

/**
 * operation_start - begin with what @d's job asks for.
 *
 * Returns 0; -EAGAIN (try again, nothing has changed), or the request's error.
 */
int operation_start(struct memory_domain *d);

/**
 * operation_piece - the next piece.
 *
 * Returns 1 if there is more to do, 0 or the request's error if not.
 */
int operation_piece(struct memory_domain *d);

#endif
