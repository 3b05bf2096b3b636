/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/caller.c"

#include "guestkernel/check/check.h"

void check_caller(const struct tcb *t)
{
	if (t->state == THREAD_REMOTE)
		check_that(t->caller_slot, "call without a caller slot", t);
	if (!t->caller_slot)
		return;
	check_that(t->caller_slot < fresh, "caller slot is no slot", t);
	check_that(caller_at(t->caller_slot)->thread == t,
		"caller slot is another's", t);
}

static void check_list(uint16_t slot, bool cancelling)
{
	unsigned n = 0;

	for (; slot; slot = caller_at(slot)->next) {
		const struct caller *c = caller_at(slot);

		check_that(c->cancelling == cancelling,
			"caller slot in the wrong list", c);
		check_that(cancelling || !c->thread,
			"caller slot is free and in use", c);
		check_that(++n <= CALLER_SLOT_MAX,
			"list of caller slots without end", c);
	}
}

void check_callers(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (pages[i])
			check_page(pages[i], "caller slots");
	for (uint32_t slot = CALLER_SLOT_MIN; slot < fresh; slot++) {
		const struct tcb *t = caller_at(slot)->thread;

		check_that(!t || t->caller_slot == slot,
			"caller slot of a thread that has another", t);
	}
	check_list(free_list, false);
	check_list(cancel_list, true);
}
