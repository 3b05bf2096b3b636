/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of foreign spaces (THREAD_FOREIGN): guestkernel/abi/foreign.h.
 *
 * The message registers of such a thread's UTCB, which it cannot reach, hold
 * what the trap frame has no room for: FOREIGN_MR_*, at their places.
 */
#ifndef GUESTKERNEL_FOREIGN_H
#define GUESTKERNEL_FOREIGN_H

#include "guestkernel/thread.h"

/* Segment bases and I/O ports are those of a foreign thread. */
extern bool foreign_loaded;

/* There has been a foreign space. */
extern bool foreign_any;

/** foreign_syscall - SYSCALL by @self; returns the thread to run. */
struct tcb *foreign_syscall(struct tcb *self) __attribute__((noinline));

/** foreign_trap - the exception in @self's frame; INT n is one of them. */
void foreign_trap(struct tcb *self);

/**
 * foreign_send - the message about @self, its vector and address in place, to
 * a pager that waits: that runs then.  False: nothing was done.
 */
bool foreign_send(struct tcb *self);

/**
 * foreign_answer - @self's Ipc, if it is the usual answer to a foreign thread:
 * that runs then.  False: nothing was done.
 */
bool foreign_answer(struct tcb *self);

/** foreign_load - bases and ports for @t, foreign or not. */
void foreign_load(const struct tcb *t);

/**
 * foreign_switch - @t runs now.
 *
 * The short ways of Ipc need not ask: they are closed to foreign threads.
 */
static inline void foreign_switch(const struct tcb *t)
{
	if (foreign_loaded || (t->flags & THREAD_FOREIGN))
		foreign_load(t);
}

#endif
