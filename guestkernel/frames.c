/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/frames.h"

#include <stddef.h>

#include "guestkernel/pool.h"
#include "guestkernel/x86/layout.h"

uint64_t frames_next(uint64_t phys)
{
	for (unsigned i = 0; i < BOOT_REGIONS; i++) {
		const struct boot_region *r = &boot_memory.region[i];

		if (phys < r->end)
			return phys > r->start ? phys : r->start;
	}
	return FRAMES_END;
}

struct mapping **frames_head(uint64_t phys, uint64_t size)
{
	for (unsigned i = 0; i < BOOT_REGIONS; i++) {
		const struct boot_region *r = &boot_memory.region[i];

		if (phys >= r->start && phys + size <= r->end)
			return (struct mapping **)r->heads +
			       (phys - r->start) / PAGE_SIZE;
	}
	return NULL;
}
