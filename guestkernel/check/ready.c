/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/ready.c"

#include "guestkernel/check/check.h"

static unsigned check_ring(unsigned priority)
{
	const struct tcb *first = ready_ring[priority];
	const struct tcb *t = first;
	unsigned n = 0;

	do {
		check_that(t->queue == QUEUE_READY,
			"in the ready queue, but not marked so", t);
		check_that(t->priority == priority,
			"in the ready queue of another priority", t);
		check_that(t->next && t->next->prev == t,
			"ready queue: links disagree", t);
		t = t->next;
		n++;
		check_that(
			n <= THREAD_NUMBER_MAX, "ready queue without end", t);
	} while (t != first);
	return n;
}

unsigned check_ready(void)
{
	unsigned n = 0;
	int highest = -1;

	for (unsigned p = 0; p < PRIORITIES; p++) {
		bool noted = ready_occupied[p / 64] >> p % 64 & 1;

		check_that(noted == (ready_ring[p] != NULL),
			"ready queue: occupied priorities", ready_ring[p]);
		if (!ready_ring[p])
			continue;
		highest = (int)p;
		n += check_ring(p);
	}
	check_that(highest == ready_highest,
		"ready queue: highest priority is wrong", NULL);
	return n;
}
