/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/ready.h"

#include "guestkernel/ring.h"
#include "guestkernel/thread.h"
#include "guestkernel/x86/insn.h"

#define PRIORITIES 256
#define WORDS (PRIORITIES / 64)

int ready_highest = -1;
static struct tcb *rings[PRIORITIES];
static uint64_t occupied[WORDS];

static int find_highest(void)
{
	for (int w = WORDS - 1; w >= 0; w--)
		if (occupied[w])
			return w * 64 + 63 - __builtin_clzll(occupied[w]);
	return -1;
}

void ready_add_last(struct tcb *t)
{
	ring_add_last(t, &rings[t->priority]);
	t->queue = QUEUE_READY;
	bit_set(occupied, t->priority);
	if (t->priority > ready_highest)
		ready_highest = t->priority;
}

void ready_add_first(struct tcb *t)
{
	ready_add_last(t);
	rings[t->priority] = t;
}

void ready_remove(struct tcb *t)
{
	ring_remove(t, &rings[t->priority]);
	t->queue = QUEUE_NONE;
	if (rings[t->priority])
		return;
	bit_clear(occupied, t->priority);
	ready_highest = find_highest();
}

struct tcb *ready_take(void)
{
	struct tcb *t;

	if (ready_highest < 0)
		return NULL;
	t = rings[ready_highest];
	ready_remove(t);
	return t;
}
