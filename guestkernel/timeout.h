/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that wait with a deadline, earliest first.
 *
 * A pairing heap, linked through the TCBs: adding is a comparison, and the
 * work of ordering is done only for deadlines that are reached.  Most are not:
 * the message comes, and the thread is taken out.
 */
#ifndef GUESTKERNEL_TIMEOUT_H
#define GUESTKERNEL_TIMEOUT_H

#include <stdint.h>

struct tcb;

#define TIMEOUT_NEVER UINT64_MAX

/** timeout_add - @t, not in the queue yet, waits until TSC value @deadline. */
void timeout_add(struct tcb *t, uint64_t deadline);

/** timeout_remove - @t does not wait any more. */
void timeout_remove(struct tcb *t);

/** timeout_first - the thread with the earliest deadline, or NULL. */
struct tcb *timeout_first(void);

/** timeout_next - the earliest deadline, or TIMEOUT_NEVER. */
uint64_t timeout_next(void);

#endif
