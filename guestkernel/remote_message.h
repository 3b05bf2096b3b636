/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between a thread's registers and the control page; what the long
 * and the short way of remote Ipc share.
 */
#ifndef GUESTKERNEL_REMOTE_MESSAGE_H
#define GUESTKERNEL_REMOTE_MESSAGE_H

#include "guestkernel/abi/msgtag.h"
#include "guestkernel/remote.h"
#include "guestkernel/x86/layout.h"

/** remote_is_call - version 1 is the portal; others are its callers. */
static inline bool remote_is_call(uint64_t to)
{
	return REMOTE_ID_VERSION(to) == 1;
}

/** remote_put_words - MR0 .. MR@last of @t into the control page. */
void remote_put_words(const struct tcb *t, unsigned last)
	__attribute__((noinline));

/** remote_take_message - the message in the control page into @t's MRs. */
void remote_take_message(struct tcb *t);

#endif
