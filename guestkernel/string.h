/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String items: one copy from the sender's memory to the receiver's, page by
 * page through the kernel's window.
 *
 * A transfer that meets a page fault, or is long, goes on later: its position
 * is in the sender's TCB, both threads have a flag (THREAD_STRING), one of
 * them can run, and the dispatch carries on with the transfer instead of
 * returning to user mode.
 * Source: L4 X.2 Reference Manual, "StringItem", "IPC" (XferTimeouts).
 */
#ifndef GUESTKERNEL_STRING_H
#define GUESTKERNEL_STRING_H

#include "guestkernel/thread.h"

/* How far a transfer came. */
enum transfer_result {
	TRANSFER_DONE,
	TRANSFER_OVERFLOW,
	TRANSFER_MORE,		 /* not done yet */
	TRANSFER_FAULT_SENDER,	 /* a page is missing there: message[1] */
	TRANSFER_FAULT_RECEIVER, /* or here */
};

/**
 * string_begin - a message with typed items is to be transferred.
 * @s:    sender
 * @d:    receiver
 * @item: MR of the first item
 * @last: MR of the last one's last word
 */
void string_begin(struct tcb *s, struct tcb *d, unsigned item, unsigned last);

/**
 * string_copy - go on with the string item at @s->string.from, which then is
 * behind it.
 *
 * Bounded: returns TRANSFER_MORE after some pages.
 */
enum transfer_result string_copy(struct tcb *s, struct tcb *d);

/**
 * string_page_fault - the page at @t->message[1] is missing, for strings that @t
 * sends or receives: its pager sends it, or they are aborted.
 */
void string_page_fault(struct tcb *t);

/**
 * string_enter - @t has a part in a transfer that goes on later.
 * @role: a flag of THREAD_STRING
 * @peer: its partner; NULL: in another domain
 *
 * What it would do next is kept, as its page faults are messages of its own.
 */
void string_enter(struct tcb *t, uint32_t role, struct tcb *peer)
	__attribute__((noinline));

/** string_leave - @t as it was before; its Ipc is to go on, or to end. */
void string_leave(struct tcb *t);

/** string_suspend - go on with the transfer at the dispatch. */
void string_suspend(struct tcb *s, struct tcb *d);

/** string_continue - @t, a thread in THREAD_STRING, is to run: go on. */
void string_continue(struct tcb *t);

/** string_abort - end the transfer of @t: "aborted", for both partners. */
void string_abort(struct tcb *t);

/** string_timeout - @t waits for its partner's page, and not any longer. */
void string_timeout(struct tcb *t);

#endif
