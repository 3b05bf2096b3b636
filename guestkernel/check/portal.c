/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/portal.c"

#include "guestkernel/check/check.h"

static bool is_listed(const struct tcb *t, uint32_t slot)
{
	unsigned n = 0;

	for (uint32_t at = t->first_portal; at; at = next_slot[at]) {
		if (at == slot)
			return true;
		check_that(++n <= PORTAL_SLOTS, "portals without end", t);
	}
	return false;
}

void check_portals(void)
{
	for (uint32_t slot = 0; slot < PORTAL_SLOTS; slot++) {
		const struct tcb *t = server_of[slot];

		if (!t)
			continue;
		check_that(t->id != 0, "portal of a thread that is gone", t);
		check_that((t->flags & THREAD_BOUND) != 0,
			"server of a portal, but not marked so", t);
		check_that(is_listed(t, slot), "portal without server", t);
		if (t->state != THREAD_RECEIVING)
			check_that(!bit_test(CONTROL->accepting, slot),
				"portal accepts for a thread that does not "
				"wait",
				t);
	}
}
