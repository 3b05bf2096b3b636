/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operations on containers share: how much is done in a piece, and
 * what several of them begin with.
 */
#ifndef VMM_MEMORY_PIECE_H
#define VMM_MEMORY_PIECE_H

#include "vmm/memory/operation.h"

/* Frames of books alone, and numbers that may have frames to drop. */
#define BOOK_FRAMES 256u
#define LOOK_FRAMES 2048u /* are only looked at */

/* Both as in operation.h. */
struct operation {
	int (*start)(struct memory_domain *d);
	int (*piece)(struct memory_domain *d);
};

extern const struct operation operation_create_with, operation_create_from;
extern const struct operation operation_allocate, operation_deallocate;
extern const struct operation operation_revoke, operation_destroy;
extern const struct operation operation_map, operation_unmap;
extern const struct operation operation_lock, operation_lock_physical;
extern const struct operation operation_copy, operation_gather,
	operation_scatter;

static inline uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/**
 * piece_of - how many frames one piece may change, shown in @windows as one
 * mapping each.
 */
static inline uint64_t piece_of(unsigned windows, uint64_t left)
{
	uint64_t n = !windows		      ? BOOK_FRAMES
		     : windows < PIECE_FRAMES ? PIECE_FRAMES / windows
					      : 1;

	return least(left, n);
}

/** piece_more - what a piece returns: whether there is another one. */
static inline int piece_more(const struct job *job)
{
	return job->at < job->end;
}

/**
 * piece_hold_range - the job is about the frames that words 2 and 3 name, all
 * there, of the container of word 1.
 * @rights: REFERENCE_*, which the domain must have
 *
 * Returns 0, -EINVAL (the range), -ENOENT (no frame), or job_hold()'s errors.
 */
NODISCARD int piece_hold_range(struct memory_domain *d, unsigned rights);

/**
 * piece_force - give shared frames before the job's end memory of their own, one
 * at most.
 *
 * Returns true at the end, and the job begins anew.
 */
bool piece_force(struct memory_domain *d);

#endif
