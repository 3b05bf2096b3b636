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
	TRANSFER_FAULT_SENDER,	 /* a page is missing there */
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
 * string_copy - go on with the string item at @s->string.item, which then is
 * behind it.
 *
 * Bounded: returns TRANSFER_MORE after some pages.
 */
enum transfer_result string_copy(struct tcb *s, struct tcb *d);

/* What strings inside of the domain and through portals have in common. */

/** string_word - BR@i (if @receive) or MR@i of @t. */
uint64_t string_word(const struct tcb *t, bool receive, unsigned i);

/**
 * string_next_bytes - find the next bytes of a string (or, if @receive, of a
 * buffer), which may have several pieces.
 *
 * Returns how many there are at *@address; 0 at the end, and then the place is
 * behind all of it.
 */
uint64_t string_next_bytes(
	struct tcb *t, bool receive, struct string_place *p, uint64_t *address);

/** string_next_buffer - @d's buffer is done with, full or not: the next. */
void string_next_buffer(struct tcb *d, struct string *x);

/**
 * string_frame - the physical address of @t's page at @address; 0: it cannot
 * be used so.
 */
uint64_t string_frame(struct tcb *t, bool write, uint64_t address);

/**
 * string_send_fault - have @t's pager send the page; false: there cannot be
 * one.
 */
bool string_send_fault(struct tcb *t, bool write, uint64_t address);

/** string_suspend - go on with the transfer at the dispatch. */
void string_suspend(struct tcb *s, struct tcb *d);

/** string_continue - @t, a thread in THREAD_STRING, is to run: go on. */
void string_continue(struct tcb *t);

/** string_abort - end the transfer of @t: "aborted", for both partners. */
void string_abort(struct tcb *t);

/** string_timeout - @t waits for its partner's page, and not any longer. */
void string_timeout(struct tcb *t);

#endif
