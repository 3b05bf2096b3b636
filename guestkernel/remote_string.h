/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String items of messages through portals.
 *
 * The VMM copies; this kernel tells it where the bytes of its side lie
 * (vmm/abi/control.h, "String items"), part by part, and takes the page faults
 * for it.  A thread in such a transfer has a flag of THREAD_STRING, no peer,
 * and is THREAD_REMOTE while the VMM has what it wanted; when it can run, the
 * dispatch names the next part instead of returning to user mode.
 */
#ifndef GUESTKERNEL_REMOTE_STRING_H
#define GUESTKERNEL_REMOTE_STRING_H

#include "guestkernel/thread.h"

/** remote_string_is - @t is in the middle of strings through a portal. */
static inline bool remote_string_is(const struct tcb *t)
{
	return (t->flags & THREAD_STRING) && !t->peer;
}

/**
 * remote_string_send - @t's message in the control page has strings: name the
 * first part of them, too.
 * @first, @last: MRs of its typed items
 *
 * receive_from and receive_timeout are kept for when it is over.
 */
void remote_string_send(struct tcb *t, unsigned first, unsigned last);

/** remote_string_replying - the VMM has taken @t's reply, with a ticket. */
void remote_string_replying(struct tcb *t);

/**
 * remote_string_receive - @t has a message's words and would go on, but the
 * strings are to come.
 * @ticket: of the event; REMOTE_STRING_CALLER for a reply
 */
void remote_string_receive(struct tcb *t, uint32_t ticket);

#define REMOTE_STRING_CALLER 0xffu

/** remote_string_refuse - nobody takes the request with @ticket. */
void remote_string_refuse(uint32_t ticket);

/** remote_string_continue - @t is to run: name the next part. */
void remote_string_continue(struct tcb *t);

/** remote_string_wanted - EVENT_STRING for @t, or NULL for its ticket. */
void remote_string_wanted(struct tcb *t);

/** remote_string_ended - EVENT_STRING_END, likewise. */
void remote_string_ended(struct tcb *t);

/**
 * remote_string_over - @t as it was before its strings; its Ipc goes on.
 *
 * For other threads nothing.
 */
void remote_string_over(struct tcb *t);

/** remote_string_abort - have the VMM end it: "aborted". */
void remote_string_abort(struct tcb *t);

/** remote_string_thread_gone - @t dies in the middle. */
void remote_string_thread_gone(struct tcb *t);

/** remote_string_act - request one deferred action; false: none to do. */
bool remote_string_act(void);

#endif
