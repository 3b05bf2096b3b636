/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/timeout.c"

#include "guestkernel/check/check.h"

static void check_timeout(const struct tcb *t, unsigned n)
{
	check_that((t->flags & THREAD_TIMEOUT) != 0,
		"in the timeout queue, but not marked so", t);
	check_that(n == DUE ? t->deadline <= looked + 1
			    : t->deadline > looked &&
				      highest_bit(t->deadline ^ looked) == n,
		"timeout queue: in a wrong list", t);
	check_that(n == DUE || next_look <= t->deadline,
		"timeout queue: looked at too late", t);
}

unsigned check_timeouts(void)
{
	unsigned total = 0;

	for (unsigned n = 0; n < LISTS; n++) {
		struct tcb *const *link = &list[n];

		for (const struct tcb *t = *link; t; t = *link) {
			check_that(t->timeout_link == link,
				"timeout queue: links disagree", t);
			check_timeout(t, n);
			check_that(++total <= THREAD_NUMBER_MAX,
				"timeout queue without end", t);
			link = &t->timeout_next;
		}
	}
	return total;
}
