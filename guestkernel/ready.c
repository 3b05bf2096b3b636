/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/ready.h"

#include "guestkernel/ring.h"
#include "guestkernel/thread.h"
#include "guestkernel/x86/insn.h"

#define PRIORITIES 256
#define WORDS (PRIORITIES / 64)

int ready_highest = -1;
/* Also fault.S's. */
struct tcb *ready_ring[PRIORITIES];
uint64_t ready_occupied[WORDS];

static int find_highest(void)
{
	for (int w = WORDS - 1; w >= 0; w--)
		if (ready_occupied[w])
			return w * 64 + 63 - __builtin_clzll(ready_occupied[w]);
	return -1;
}

void ready_add_last(struct tcb *t)
{
	uint8_t priority;

	ring_add_last(t, &ready_ring[t->priority]);
	priority = t->priority;
	t->queue = QUEUE_READY;
	bit_set(ready_occupied, priority);
	if (priority > ready_highest)
		ready_highest = priority;
}

void ready_add_first(struct tcb *t)
{
	ready_add_last(t);
	ready_ring[t->priority] = t;
}

void ready_remove(struct tcb *t)
{
	ring_remove(t, &ready_ring[t->priority]);
	t->queue = QUEUE_NONE;
	if (ready_ring[t->priority])
		return;
	bit_clear(ready_occupied, t->priority);
	ready_highest = find_highest();
}

void ready_replace(struct tcb *t, struct tcb *self)
{
	self->next = t->next;
	self->prev = t;
	t->next->prev = self;
	t->next = self;
	t->prev->next = self;
	self->prev = t->prev;
	t->queue = QUEUE_NONE;
	self->queue = QUEUE_READY;
}

struct tcb *ready_take(void)
{
	struct tcb *t;

	if (ready_highest < 0)
		return NULL;
	t = ready_ring[ready_highest];
	ready_remove(t);
	return t;
}
