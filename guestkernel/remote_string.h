/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String items of messages through portals.
 *
 * The VMM copies (vmm/abi/control.h, "String items"); this kernel tells it where
 * a thread's page tables and buffers are, and takes the page faults for it.  A
 * thread in such a transfer has a flag of THREAD_STRING, no peer, and is
 * THREAD_REMOTE while the VMM goes on; when it can run, the dispatch asks the
 * VMM to go on instead of returning to user mode.
 */
#ifndef GUESTKERNEL_REMOTE_STRING_H
#define GUESTKERNEL_REMOTE_STRING_H

#include "guestkernel/thread.h"

/** remote_string_is - @t is in the middle of strings through a portal. */
bool remote_string_is(const struct tcb *t);

/** remote_string_describe - @t's memory, for the action that follows. */
void remote_string_describe(struct tcb *t);

/**
 * remote_string_begin - @t waits for the VMM to carry its strings over.
 * @role: a flag of THREAD_STRING, unless it has one: see string_enter()
 */
void remote_string_begin(struct tcb *t, uint32_t role);

/** remote_string_continue - have the VMM go on with @t's strings. */
void remote_string_continue(struct tcb *t);

/**
 * remote_string_over - @t as it was before its strings; its Ipc goes on.
 *
 * For other threads nothing.
 */
void remote_string_over(struct tcb *t);

#endif
