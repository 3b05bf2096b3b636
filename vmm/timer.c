/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/timer.h"

#include <assert.h>

static void place(struct timer_heap *h, uint32_t i, struct timer *t)
{
	h->heap[i] = t;
	t->place = i;
}

static void sift_up(struct timer_heap *h, uint32_t i, struct timer *t)
{
	for (; i > 1 && h->heap[i / 2]->at > t->at; i /= 2)
		place(h, i, h->heap[i / 2]);
	place(h, i, t);
}

static void sift_down(struct timer_heap *h, uint32_t i, struct timer *t)
{
	for (;;) {
		uint32_t child = 2 * i;

		if (child > h->nr)
			break;
		if (child < h->nr &&
			h->heap[child + 1]->at < h->heap[child]->at)
			child++;
		if (h->heap[child]->at >= t->at)
			break;
		place(h, i, h->heap[child]);
		i = child;
	}
	place(h, i, t);
}

void timer_cancel(struct timer_heap *h, struct timer *t)
{
	uint32_t i = t->place;

	if (!i)
		return;
	t->place = 0;

	struct timer *last = h->heap[h->nr--];

	if (last == t)
		return;
	if (i > 1 && h->heap[i / 2]->at > last->at)
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

void timer_set(struct timer_heap *h, struct timer *t, uint64_t at)
{
	timer_cancel(h, t);
	if (at == CLOCK_NEVER)
		return;
	assert(h->nr < TIMER_HEAP_MAX);
	t->at = at;
	sift_up(h, ++h->nr, t);
}

void timer_expire(struct timer_heap *h, uint64_t now, unsigned max)
{
	while (max-- && h->nr && h->heap[1]->at <= now) {
		struct timer *t = h->heap[1];

		timer_cancel(h, t);
		t->expire(t, now);
	}
}
