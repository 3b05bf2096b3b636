/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calling portal_server, the partner in another domain.
 */
#ifndef TESTS_GUEST_PORTAL_CLIENT_H
#define TESTS_GUEST_PORTAL_CLIENT_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/portal_server.h"

#define LONG_US 5000000 /* no test takes that long */

/** partner - the portal, by the argument portal=NAME. */
thread_id_t partner(void);

/** request - a message of one word to be sent: label and MR1. */
void request(uint64_t label, uint64_t first);

/**
 * ask - call the partner; wait long, but not for ever.
 *
 * Returns the error code, or 0; MR1 of the reply goes to *@result.
 */
uint64_t ask(uint64_t label, uint64_t first, uint64_t *result);

/** error_of - 0, or the error code of the Ipc that returned @tag. */
uint64_t error_of(L4_MsgTag_t tag);

/** spawn - run @entry(@arg) in a new thread. */
thread_id_t spawn(void (*entry)(void *), void *arg);

/** pause_us - let time pass. */
void pause_us(uint64_t us);

#endif
