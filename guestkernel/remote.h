/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ipc with other domains, by way of the VMM: actions requested and events
 * taken at the idle point.  The contract is vmm/abi/control.h.
 *
 * Towards the VMM a thread of ours is a caller slot, given at its first call
 * and kept.  A thread that serves portals has them in a list (THREAD_BOUND),
 * and their bits in control_page.accepting are set exactly while it waits for
 * what comes through them.
 */
#ifndef GUESTKERNEL_REMOTE_H
#define GUESTKERNEL_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/thread.h"

/* Something is to be done at the idle point: remote_act. */
extern bool remote_work;

/**
 * remote_send - the send phase of @t's Ipc to a remote id; calls and replies.
 *
 * @t is the running thread; receive_from and receive_timeout are set.
 */
void remote_send(struct tcb *t, uint64_t to);

/** remote_event - take the event in the control page. */
void remote_event(void);

/** remote_act - one of the deferred actions. */
void remote_act(void);

/** remote_leave - request an action that needs no arguments of its own. */
void remote_leave(uint32_t action);

/** remote_cancel - end the call or send of @t, which is THREAD_REMOTE. */
void remote_cancel(struct tcb *t);

/** remote_thread_gone - @t dies: its call is cancelled, its portals unbound. */
void remote_thread_gone(struct tcb *t);

/** remote_may_receive - a message from remote id @from can come to @t. */
bool remote_may_receive(const struct tcb *t, uint64_t from);

#endif
