/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/frames.h"

#include <stddef.h>

#include "guestkernel/pool.h"
#include "guestkernel/x86/layout.h"

/* The first that ends behind @phys; the last of all ends behind everything. */
static __attribute__((noinline)) const struct boot_region *region_from(
	uint64_t phys)
{
	const struct boot_region *r = boot_memory.region;

	while (phys >= r->end)
		r++;
	return r;
}

uint64_t frames_next(uint64_t phys)
{
	uint64_t start = region_from(phys)->start;

	return phys > start ? phys : start;
}

struct mapping **frames_head(uint64_t phys, uint64_t size)
{
	const struct boot_region *r = region_from(phys);

	if (phys < r->start || phys + size > r->end)
		return NULL;
	return (struct mapping **)r->heads + (phys - r->start) / PAGE_SIZE;
}
