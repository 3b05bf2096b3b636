/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/frames.c"

#include "guestkernel/check/check.h"
#include "guestkernel/x86/insn.h"

unsigned check_frames(
	void (*node)(const struct mapping *m, const struct mapping *parent))
{
	unsigned n = 0;

	for (unsigned i = 0; i < BOOT_REGIONS; i++) {
		const struct boot_region *r = &boot_memory.region[i];
		struct mapping **head = (struct mapping **)r->heads;

		for (uint64_t at = r->start; at < r->end; at += PAGE_SIZE)
			if (*head++)
				n += check_mappings(head - 1, node);
		interrupt_window();
	}
	return n;
}
