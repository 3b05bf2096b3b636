/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A radix heap: 64 lists, by the highest bit in which a deadline differs from
 * the time of the last look.  When time passes, the lists below the highest
 * bit that changed are due, that of this bit is spread over those below, and
 * the others stay as they are: a deadline is moved at most 64 times.
 *
 * Source: Ahuja, Mehlhorn, Orlin, Tarjan, "Faster Algorithms for the Shortest
 * Path Problem" (1990).
 */
#include "guestkernel/timeout.h"

#include <stddef.h>

#include "guestkernel/thread.h"
#include "guestkernel/x86/insn.h"

#define LISTS 64
#define DUE 0		      /* the list of those due */
#define THREADS_A_WINDOW 4096 /* moved before interrupts may come */

static struct tcb *list[LISTS];
static uint64_t earliest[LISTS]; /* since it was empty, even if removed */
static uint64_t looked;		 /* the time of the last look */
static uint64_t next_look = TIMEOUT_NEVER;

static unsigned highest_bit(uint64_t word)
{
	return 63 - (unsigned)__builtin_clzll(word | 1);
}

/* What is due within one tick is due. */
static void put(struct tcb *t)
{
	unsigned n =
		t->deadline > looked ? highest_bit(t->deadline ^ looked) : DUE;
	struct tcb *first = list[n];

	if (!first || t->deadline < earliest[n])
		earliest[n] = t->deadline;
	if (first)
		first->timeout_link = &t->timeout_next;
	t->timeout_next = first;
	t->timeout_link = &list[n];
	list[n] = t;
}

void timeout_add(struct tcb *t, uint64_t deadline)
{
	t->deadline = deadline;
	t->flags |= THREAD_TIMEOUT;
	put(t);
	if (deadline < next_look)
		next_look = deadline;
}

void timeout_remove(struct tcb *t)
{
	if (!bit_take(&t->flags, THREAD_TIMEOUT_BIT))
		return;
	*t->timeout_link = t->timeout_next;
	if (t->timeout_next)
		t->timeout_next->timeout_link = t->timeout_link;
}

/* Over the lists below, now that time has passed. */
static void spread(struct tcb *t)
{
	unsigned n = 0;

	while (t) {
		struct tcb *other = t->timeout_next;

		put(t);
		t = other;
		if (++n % THREADS_A_WINDOW == 0)
			interrupt_window();
	}
}

static void look(uint64_t now)
{
	unsigned changed = highest_bit(now ^ looked);
	unsigned n;

	looked = now;
	for (n = DUE + 1; n <= changed; n++) {
		struct tcb *t = list[n];

		list[n] = NULL;
		spread(t);
	}
	next_look = TIMEOUT_NEVER;
	for (n = DUE + 1; n < LISTS; n++) {
		if (!list[n])
			continue;
		next_look = earliest[n];
		break;
	}
}

struct tcb *timeout_due(uint64_t now)
{
	if (now > looked)
		look(now);
	return list[DUE];
}

uint64_t timeout_next(void)
{
	return next_look;
}
