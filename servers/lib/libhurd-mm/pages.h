/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages and frames: which page is in which frame or slot of the store, and
 * what happens when one is touched or has to go.
 *
 * Pages are counted from the start of the area.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_PAGES_H
#define SERVERS_LIB_LIBHURD_MM_PAGES_H

#include <stdint.h>

#include "servers/lib/libhurd-mm/policy.h"

/** pages_reset - no pages; the frames of @setup, all free.  MM_ENOMEM. */
enum mm_error pages_reset(const struct mm_setup *setup);

/**
 * pages_fault - make an access of a thread possible.
 * @access: FPAGE_R, FPAGE_W or FPAGE_X
 *
 * MM_ENOENT: no region; MM_EACCESS; MM_ENOMEM: all frames are locked;
 * MM_ENOSPC, MM_EIO.
 */
enum mm_error pages_fault(uint32_t page, uint64_t access);

/** pages_drop - what is in [@start, @end) is gone. */
void pages_drop(uint32_t start, uint32_t end);

/** pages_take_rights - of pages that threads can see already. */
void pages_take_rights(uint32_t start, uint32_t end, uint64_t rights);

/**
 * pages_lock - have them in frames for good.
 *
 * Each is in a region.  On an error, as of pages_fault, some are locked.
 */
enum mm_error pages_lock(uint32_t start, uint32_t end);

/** pages_unlock - they may go again. */
void pages_unlock(uint32_t start, uint32_t end);

/** pages_grow, pages_shrink - mm_grow, mm_shrink. */
enum mm_error pages_grow(void);
enum mm_error pages_shrink(void);

/** pages_group_create - mm_group_create. */
enum mm_error pages_group_create(
	const struct mm_policy *policy, uint32_t limit, unsigned *group);

/** pages_group - group @number, or NULL if there is none. */
struct mm_group *pages_group(unsigned number);

/** pages_stat - mm_stat. */
void pages_stat(struct mm_stat *stat);

#endif
