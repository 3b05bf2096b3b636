/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lock whose owner inherits the priority of who waits for it, taken and
 * given back by one instruction while nobody else wants it.
 *
 * The C library's costs 60 instructions each way even then, and the system's
 * lock is given back and taken at every entry of a vCPU.
 */
#ifndef VMM_LOCK_H
#define VMM_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Zero: nobody has it.  The host kernel's format of such a lock. */
struct lock {
	uint32_t owner; /* thread id, and FUTEX_WAITERS */
};

/* Of this thread; 0: not asked for yet. */
extern _Thread_local uint32_t lock_self;

/** lock_wait - lock_take() of a lock that others have. */
void lock_wait(struct lock *l);

/** lock_pass - lock_give() of a lock that others wait for. */
void lock_pass(struct lock *l);

/**
 * lock_take - wait until nobody else has @l, and have it.
 *
 * Not for a thread that has it already.
 */
static inline void lock_take(struct lock *l)
{
	uint32_t nobody = 0;

	if (!lock_self ||
		!__atomic_compare_exchange_n(&l->owner, &nobody, lock_self,
			false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		lock_wait(l);
}

/** lock_give - the calling thread, which has @l, has it no longer. */
static inline void lock_give(struct lock *l)
{
	uint32_t mine = lock_self;

	if (!__atomic_compare_exchange_n(&l->owner, &mine, 0, false,
		    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		lock_pass(l);
}

#endif
