/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that wait with a deadline.
 *
 * Most deadlines are not reached: the message comes, and the thread is taken
 * out.  So adding and removing do no work of ordering, however many there are;
 * that is done when time has passed, and for those alone whose time is near.
 */
#ifndef GUESTKERNEL_TIMEOUT_H
#define GUESTKERNEL_TIMEOUT_H

#include <stdint.h>

struct tcb;

#define TIMEOUT_NEVER UINT64_MAX

/** timeout_add - @t, not in the queue yet, waits until TSC value @deadline. */
void timeout_add(struct tcb *t, uint64_t deadline) __attribute__((noinline));

/** timeout_remove - @t does not wait any more, if it did. */
void timeout_remove(struct tcb *t);

/**
 * timeout_due - a thread whose deadline is @now + 1 or earlier, or NULL.
 * @now: the TSC; never less than at an earlier call
 *
 * It stays in the queue until it is removed.
 */
struct tcb *timeout_due(uint64_t now);

/**
 * timeout_next - when to ask for those due again, or TIMEOUT_NEVER.
 *
 * Not later than the earliest deadline, and later than the last timeout_due()
 * if that found nothing; deadlines that were removed may make it too early.
 */
uint64_t timeout_next(void);

#endif
