/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/caller.c"

#include "guestkernel/check/check.h"

void check_caller(const struct tcb *t)
{
	if (t->state == THREAD_REMOTE)
		check_that(t->caller_slot, "call without a caller slot", t);
	if (!t->caller_slot)
		return;
	check_that(t->caller_slot <= last, "caller slot is no slot", t);
	check_that(caller_thread(t->caller_slot) == t,
		"caller slot is another's", t);
}

void check_callers(void)
{
	for (uint32_t slot = CALLER_SLOT_MIN; slot <= last; slot++) {
		const struct tcb *t = caller_thread(slot);

		check_that(!t || t->caller_slot == slot,
			"caller slot of a thread that has another", t);
		check_that(!bit_test(unused, slot) ||
				   (!t && !bit_test(to_cancel, slot)),
			"caller slot is unused and in use", t);
	}
}
