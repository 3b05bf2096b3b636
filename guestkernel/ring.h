/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings of threads.  A thread is in one ring at most: the ready queue if it
 * can run, a partner's sender queue if it waits to send.
 */
#ifndef GUESTKERNEL_RING_H
#define GUESTKERNEL_RING_H

#include "guestkernel/thread.h"

/** ring_add_last - append @t; the head points to the first, NULL: empty. */
static inline void ring_add_last(struct tcb *t, struct tcb **head)
{
	struct tcb *first = *head;

	if (!first) {
		t->prev = t;
		*head = first = t;
	}
	t->next = first;
	t->prev = first->prev;
	first->prev->next = t;
	first->prev = t;
}

/** ring_remove - take @t out. */
static inline void ring_remove(struct tcb *t, struct tcb **head)
{
	if (*head == t)
		*head = t->next == t ? NULL : t->next;
	t->prev->next = t->next;
	t->next->prev = t->prev;
}

#endif
