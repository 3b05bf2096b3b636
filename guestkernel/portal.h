/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals that threads of this domain serve.  Slots are the VMM's; which
 * thread a slot belongs to, it says by EVENT_BOUND.
 */
#ifndef GUESTKERNEL_PORTAL_H
#define GUESTKERNEL_PORTAL_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/thread.h"

/** portal_server - the thread behind a slot, below PORTAL_SLOTS, or NULL. */
struct tcb *portal_server(uint32_t slot);

/** portal_bind - @slot belongs to @t from now on; NULL: to nobody. */
void portal_bind(uint32_t slot, struct tcb *t);

/** portal_thread_gone - @t dies: its slots are given back to the VMM. */
void portal_thread_gone(struct tcb *t);

/** portal_is_only - @t serves one portal, and no other. */
bool portal_is_only(const struct tcb *t);

/** portal_is_pending - a request is queued at a slot of @t. */
bool portal_is_pending(const struct tcb *t);

/**
 * portal_accept - @t begins to wait (@waits), or waits no longer: waits_for
 * says for whom.
 *
 * The bits of its slots say so to the VMM; if that must hear of it, because a
 * request is queued or only one caller will do, ACTION_ACCEPT is requested.
 */
void portal_accept(struct tcb *t, bool waits);

/** portal_act - request one deferred action; false if there is none to do. */
bool portal_act(void);

#endif
