/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions: which pages of the area exist, and as what.
 *
 * Neighbours with equal attributes are one region.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_REGION_H
#define SERVERS_LIB_LIBHURD_MM_REGION_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stdint.h>

#include "servers/lib/libhurd-mm/policy.h"

struct mm_region {
	RB_ENTRY(mm_region) link;
	uint32_t start, end;	/* pages of the area; @end is behind it */
	uint64_t rights;	/* FPAGE_* */
	struct mm_group *group; /* NULL: shows a window */
	uint64_t gpa;		/* of the window */
	bool locked;
};

/** region_reset - no regions. */
void region_reset(void);

/** region_find - the region of @page, or NULL. */
struct mm_region *region_find(uint32_t page);

/** region_next - the first region that ends behind @page, or NULL. */
struct mm_region *region_next(uint32_t page);

/**
 * region_gap - where @nr pages are free, lowest first.
 *
 * Returns MM_AREA_PAGES if nowhere.
 */
uint32_t region_gap(uint32_t nr);

/**
 * region_insert - a new region with the bounds and attributes of @wanted.
 *
 * MM_EEXIST; MM_ENOMEM: MM_REGIONS_MAX.
 */
enum mm_error region_insert(const struct mm_region *wanted);

/**
 * region_isolate - no region reaches over @start or @end.
 *
 * MM_ENOMEM: MM_REGIONS_MAX.
 */
enum mm_error region_isolate(uint32_t start, uint32_t end);

/** region_covers - there is a region for each page of [@start, @end). */
bool region_covers(uint32_t start, uint32_t end);

/** region_remove - @region is gone. */
void region_remove(struct mm_region *region);

/** region_merge - join equal neighbours from page @start to @end. */
void region_merge(uint32_t start, uint32_t end);

#endif
