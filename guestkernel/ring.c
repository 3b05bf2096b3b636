/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/ring.h"

void ring_add_last(struct tcb *t, struct tcb **head)
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

void ring_remove(struct tcb *t, struct tcb **head)
{
	if (*head == t)
		*head = t->next == t ? NULL : t->next;
	t->prev->next = t->next;
	t->next->prev = t->prev;
}
