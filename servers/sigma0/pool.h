/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who owns which physical memory: a map of the address space in regions.
 *
 * Regions are sorted, cover everything, and neighbours differ.  A linear
 * search: a domain has some dozens of regions, and a request is rare.
 */
#ifndef SERVERS_SIGMA0_POOL_H
#define SERVERS_SIGMA0_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/threadid.h"

#define POOL_REGIONS_MAX 1024
#define POOL_END (UINT64_C(1) << 47) /* exclusive */
#define POOL_PAGE UINT64_C(0x1000)

enum pool_kind {
	POOL_RESERVED,	   /* nobody gets it */
	POOL_CONVENTIONAL, /* RAM: by address, as "any", or by a page fault */
	POOL_DEDICATED,	   /* by address; one owner: modules, device windows */
	POOL_SHARED,	   /* by address; everyone */
};

struct pool_region {
	uint64_t start; /* page multiple; ends where the next one starts */
	enum pool_kind kind;
	thread_id_t owner; /* nil: free */
};

struct pool {
	unsigned nr;
	struct pool_region region[POOL_REGIONS_MAX];
};

/** pool_init - everything is reserved. */
void pool_init(struct pool *pool);

/**
 * pool_paint - say what a range is, whatever it was.
 * @start: first byte
 * @end:   exclusive; ranges beyond POOL_END are cut
 *
 * Reserved ranges are rounded outwards to pages, others inwards.  Returns
 * false, and changes nothing, if there is no room for more regions.
 */
bool pool_paint(struct pool *pool, uint64_t start, uint64_t end,
	enum pool_kind kind, thread_id_t owner);

/**
 * pool_own - make @owner the owner of what is free in a range.
 *
 * For the servers that the kernel loaded.  Returns as pool_paint.
 */
bool pool_own(
	struct pool *pool, uint64_t start, uint64_t end, thread_id_t owner);

/**
 * pool_take - hand out the region that @fpage names.
 *
 * Each page of it must be shared, free, or already @thread's.  Returns whether
 * @thread has it now.
 */
bool pool_take(struct pool *pool, fpage_t fpage, thread_id_t thread);

/**
 * pool_take_any - hand out some free conventional region of 2^@log2 bytes.
 *
 * Returns it with all rights, or FPAGE_NIL.
 */
fpage_t pool_take_any(struct pool *pool, unsigned log2, thread_id_t thread);

/**
 * pool_fault - hand out the page in which @thread faulted.
 *
 * Conventional and free, or already @thread's.  Returns it with all rights, or
 * FPAGE_NIL.
 */
fpage_t pool_fault(struct pool *pool, uint64_t address, thread_id_t thread);

#endif
