/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/frames.c"

#include "guestkernel/check/check.h"
#include "guestkernel/x86/insn.h"

static unsigned check_heads(struct mapping *const *heads, uint64_t nr,
	void (*node)(const struct mapping *m, const struct mapping *parent))
{
	unsigned n = 0;

	check_run(heads, nr * 8);
	for (uint64_t i = 0; i < nr; i++)
		if (heads[i])
			n += check_mappings(&heads[i], node);
	interrupt_window();
	return n;
}

unsigned check_frames(
	void (*node)(const struct mapping *m, const struct mapping *parent))
{
	unsigned n = 0;

	for (unsigned i = 0; i < NR_REGIONS; i++) {
		const struct region *r = &regions[i];
		uint64_t size = r->end - r->start;

		n += check_heads(r->small, size / PAGE_SIZE, node);
		n += check_heads(r->large, size / LARGE_SIZE, node);
	}
	return n;
}
