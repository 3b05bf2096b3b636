/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/frames.h"

#include <stddef.h>

#include "guestkernel/pool.h"
#include "guestkernel/x86/layout.h"

#define NR_REGIONS 3

extern const char kernel_start[], kernel_end[]; /* kernel.ld */

struct region {
	uint64_t start, end;
	struct mapping **small; /* one per 4 KiB */
	struct mapping **large; /* one per 2 MiB */
};

static struct region regions[NR_REGIONS];
static uint64_t pool_start, pool_end;

static void region_init(struct region *region, uint64_t start, uint64_t end)
{
	region->start = start;
	region->end = end;
	region->small = pool_alloc_run((end - start) / PAGE_SIZE * 8);
	region->large = pool_alloc_run((end - start) / LARGE_SIZE * 8);
}

void frames_init(const struct boot_info *boot)
{
	pool_start = boot->pool_start;
	pool_end = boot->pool_end;
	region_init(&regions[0], 0, boot->ram_size & ~(LARGE_SIZE - 1));
	region_init(&regions[1], BOOT_DEVICE_BASE, BOOT_DEVICE_END);
	region_init(&regions[2], boot->window_start,
		boot->window_start + boot->window_size);
}

static bool overlaps(uint64_t start, uint64_t end, uint64_t a, uint64_t b)
{
	return start < b && a < end;
}

static const struct region *region_of(uint64_t phys, uint64_t size)
{
	for (unsigned i = 0; i < NR_REGIONS; i++)
		if (phys >= regions[i].start && phys < regions[i].end &&
			size <= regions[i].end - phys)
			return &regions[i];
	return NULL;
}

bool frames_are_user(uint64_t phys, uint64_t size)
{
	if (!region_of(phys, size))
		return false;
	return !overlaps(phys, phys + size, virt_to_phys(kernel_start),
		       virt_to_phys(kernel_end)) &&
	       !overlaps(phys, phys + size, pool_start, pool_end);
}

struct mapping **frames_head(uint64_t phys, unsigned log2)
{
	const struct region *region = region_of(phys, UINT64_C(1) << log2);

	if (log2 == LARGE_LOG2)
		return &region->large[(phys - region->start) >> LARGE_LOG2];
	return &region->small[(phys - region->start) >> PAGE_LOG2];
}

uint64_t frames_next(uint64_t phys)
{
	for (unsigned i = 0; i < NR_REGIONS; i++)
		if (phys < regions[i].end)
			return phys > regions[i].start ? phys
						       : regions[i].start;
	return phys;
}

uint64_t frames_end(void)
{
	return regions[NR_REGIONS - 1].end;
}
