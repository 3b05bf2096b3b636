/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ready queue: a ring of threads per priority, and which are not empty. */
#ifndef GUESTKERNEL_READY_H
#define GUESTKERNEL_READY_H

struct tcb;

/* Highest priority that has a thread; -1: the queue is empty. */
extern int ready_highest;

/* By priority: the first thread, from which the ring goes. */
extern struct tcb *ready_ring[];

/** ready_add_last - put @t (in no queue) behind the threads of its priority. */
void ready_add_last(struct tcb *t);

/** ready_add_first - put @t (in no queue) before them. */
void ready_add_first(struct tcb *t);

/** ready_remove - take @t out of the queue. */
void ready_remove(struct tcb *t);

/**
 * ready_replace - @self, in no queue, takes the place of @t, the first of the
 * same priority, which leaves the queue; who is the first then, the caller says
 * by ready_ring.
 */
void ready_replace(struct tcb *t, struct tcb *self);

/** ready_take - take out the first thread of the highest priority, or NULL. */
struct tcb *ready_take(void);

#endif
