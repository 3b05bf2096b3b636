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
#include "guestkernel/thread.h"

/** ipc_syscall - Ipc and Lipc; returns the thread to run.  In short.c. */
struct tcb *ipc_syscall(struct tcb *self);

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
 */
void ipc_received(struct tcb *t);

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

/** ipc_timeout - @t's deadline has passed. */
void ipc_timeout(struct tcb *t);

/** ipc_cancel - end what @t waits for, with IPC_CANCELLED in its phase. */
void ipc_cancel(struct tcb *t);

/**
 * ipc_detach - @t goes away: take it out of all queues and tell those who
 * wait to send to it.
 */
void ipc_detach(struct tcb *t);

/** ipc_accepts - @d waits for a message such as @s would send. */
bool ipc_accepts(const struct tcb *d, const struct tcb *s);

/**
 * ipc_transfer - carry a message over.
 * @s: sender, its words in its registers and UTCB or composed by the kernel
 * @d: receiver
 *
 * The receiver's side is complete on return, errors included.  Returns 0 or
 * the sender's ErrorCode.
 */
uint64_t ipc_transfer(struct tcb *s, struct tcb *d);

#endif
