/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: heap_child is the first child; heap_next the next sibling; heap_prev
 * the previous sibling or, of a first child, the parent.
 * Source: Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap" (1986).
 */
#include "guestkernel/timeout.h"

#include "guestkernel/thread.h"

static struct tcb *heap;

/* Both are roots: the later one becomes the first child of the earlier. */
static struct tcb *meld(struct tcb *a, struct tcb *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->deadline < a->deadline) {
		struct tcb *earlier = b;

		b = a;
		a = earlier;
	}
	b->heap_next = a->heap_child;
	if (b->heap_next)
		b->heap_next->heap_prev = b;
	b->heap_prev = a;
	a->heap_child = b;
	a->heap_next = NULL;
	a->heap_prev = NULL;
	return a;
}

/* Meld siblings in pairs from the left, then the pairs from the right. */
static struct tcb *meld_siblings(struct tcb *first)
{
	struct tcb *pairs = NULL;
	struct tcb *root = NULL;

	while (first) {
		struct tcb *a = first;
		struct tcb *b = a->heap_next;

		first = b ? b->heap_next : NULL;
		a->heap_next = NULL;
		if (b)
			b->heap_next = NULL;
		a = meld(a, b);
		a->heap_next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct tcb *a = pairs;

		pairs = a->heap_next;
		a->heap_next = NULL;
		root = meld(root, a);
	}
	if (root)
		root->heap_prev = NULL;
	return root;
}

void timeout_add(struct tcb *t, uint64_t deadline)
{
	t->deadline = deadline;
	t->heap_child = NULL;
	t->heap_next = NULL;
	t->heap_prev = NULL;
	t->flags |= THREAD_TIMEOUT;
	heap = meld(heap, t);
}

void timeout_remove(struct tcb *t)
{
	struct tcb *children = meld_siblings(t->heap_child);

	t->flags &= ~(uint32_t)THREAD_TIMEOUT;
	t->heap_child = NULL;
	if (t == heap) {
		heap = children;
		return;
	}
	if (t->heap_prev->heap_child == t)
		t->heap_prev->heap_child = t->heap_next;
	else
		t->heap_prev->heap_next = t->heap_next;
	if (t->heap_next)
		t->heap_next->heap_prev = t->heap_prev;
	heap = meld(heap, children);
}

struct tcb *timeout_first(void)
{
	return heap;
}

uint64_t timeout_next(void)
{
	return heap ? heap->deadline : TIMEOUT_NEVER;
}
