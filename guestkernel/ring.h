/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings of threads.  A thread is in one ring at most: the ready queue if it
 * can run, a partner's sender queue if it waits to send.
 */
#ifndef GUESTKERNEL_RING_H
#define GUESTKERNEL_RING_H

#include "guestkernel/thread.h"

/** ring_add_last - append @t; the head points to the first, NULL: empty. */
void ring_add_last(struct tcb *t, struct tcb **head) __attribute__((noinline));

/** ring_remove - take @t out. */
void ring_remove(struct tcb *t, struct tcb **head) __attribute__((noinline));

#endif
