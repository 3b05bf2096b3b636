/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ipc: a send phase, then a receive phase, of threads of this domain.
 *
 * Nothing here waits: a thread that cannot go on is left in THREAD_SENDING or
 * THREAD_RECEIVING with what is needed to continue in its TCB, and whoever
 * makes it possible carries the phase out for it.
 * Source: L4 X.2 Reference Manual, "IPC".
 */
#ifndef GUESTKERNEL_IPC_H
#define GUESTKERNEL_IPC_H

#include <stdint.h>

#include "guestkernel/abi/ipc.h"
#include "guestkernel/abi/time.h"
#include "guestkernel/string.h"
#include "guestkernel/thread.h"

/**
 * ipc_syscall - Ipc and Lipc, unless x86/ipc.S could do it; returns the thread
 * to run.  In short.c.
 */
struct tcb *ipc_syscall(struct tcb *self) __attribute__((noinline));

/** ipc_long - the same for every case, uncommon ones included. */
struct tcb *ipc_long(struct tcb *self);

/**
 * ipc_send - the send phase; the receive phase follows when it is done.
 * @t:       the sender; receive_from and receive_timeout are set
 * @to:      global id of a thread of this domain
 * @timeout: for the send phase
 */
void ipc_send(struct tcb *t, uint64_t to, l4_time_t timeout);

/**
 * ipc_receive - the receive phase.
 * @from: global id, WAITS_ANY or WAITS_ANY_LOCAL
 */
void ipc_receive(struct tcb *t, uint64_t from, l4_time_t timeout);

/**
 * ipc_received - a message is in @t's registers: its receive phase is over.
 * @error: an ErrorCode, of what came after the words; or 0
 */
void ipc_received(struct tcb *t, uint64_t error);

/** ipc_sent - @t's send phase succeeded; what follows, follows. */
void ipc_sent(struct tcb *t);

/**
 * ipc_fail - end @t's Ipc with an error and make it ready.
 * @code: an ErrorCode, whole
 *
 * The kernel's own messages are not reported to the thread: it goes on in
 * user mode where it was.
 */
void ipc_fail(struct tcb *t, uint64_t code);

/**
 * ipc_redirect - @t, which waits for one partner, waits for @from instead,
 * and is served at once if that is queued already.
 */
void ipc_redirect(struct tcb *t, uint64_t from);

/** ipc_timeout - @t's deadline has passed. */
void ipc_timeout(struct tcb *t);

/** ipc_cancel - end what @t waits for, with IPC_CANCELLED in its phase. */
void ipc_cancel(struct tcb *t);

/**
 * ipc_lose_partner - @t's id ceases to be valid: all who wait to send to it, or
 * to receive from it alone, learn that there is no such partner.
 *
 * A thread that waits for its start-up message goes on waiting: it may get
 * another pager.  Takes time in proportion to the number of threads.
 */
void ipc_lose_partner(struct tcb *t);

/** ipc_detach - @t goes away: out of all queues, and ipc_lose_partner(). */
void ipc_detach(struct tcb *t);

/** ipc_accepts - @d waits for a message such as @s would send. */
bool ipc_accepts(const struct tcb *d, const struct tcb *s);

/* Not an ErrorCode: strings are under way, ipc_transferred() will follow. */
#define IPC_PENDING UINT64_MAX

/**
 * ipc_transfer - carry a message over.
 * @s: sender, its words in its registers and UTCB or composed by the kernel
 * @d: receiver
 *
 * The receiver's side is complete on return, errors included.  Returns 0, the
 * sender's ErrorCode, or IPC_PENDING; then both threads are taken care of.
 */
uint64_t ipc_transfer(struct tcb *s, struct tcb *d);

/** message_of - @t's message registers as one array, in its UTCB. */
const uint64_t *message_of(const struct tcb *t);

/**
 * message_give - @w[0] .. @w[@last] become MR0 .. MR@last of @t; what other
 * message registers hold is undefined.
 */
void message_give(struct tcb *t, const uint64_t *w, unsigned last)
	__attribute__((noinline));

/**
 * exception_words - MR@i and what follows of the message about @s's exception,
 * those of a foreign thread included.
 */
void exception_words(const struct tcb *s, uint64_t *to, uint64_t i)
	__attribute__((noinline));

/** ipc_transfer_items - go on with the typed items of @s's message. */
enum transfer_result ipc_transfer_items(struct tcb *s, struct tcb *d);

/**
 * ipc_deliver - give a receiver its tag, the sender and the outcome.
 * @tag:   the sender's
 * @error: an ErrorCode or 0
 */
void ipc_deliver(struct tcb *s, struct tcb *d, uint64_t tag, uint64_t error);

/**
 * ipc_transferred - a message with strings has gone over, or not.
 * @sent:     the sender's ErrorCode or 0; without, what follows, follows
 * @received: the receiver's
 */
void ipc_transferred(
	struct tcb *s, struct tcb *d, uint64_t sent, uint64_t received);

/** ipc_leave - take @t, whatever it does, out of all queues. */
void ipc_leave(struct tcb *t) __attribute__((noinline));

#endif
