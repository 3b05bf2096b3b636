/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Caller slots: how threads that call into other domains are named to the
 * VMM.  A slot outlives its thread until the VMM has answered its last call.
 */
#ifndef GUESTKERNEL_CALLER_H
#define GUESTKERNEL_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/thread.h"

/** caller_ensure - see that @t has a slot; false without memory. */
bool caller_ensure(struct tcb *t);

/** caller_thread - whose slot that is, or NULL. */
struct tcb *caller_thread(uint32_t slot);

/**
 * caller_done - the VMM has ended the call of @slot.
 *
 * Returns its thread, or NULL if that is gone.
 */
struct tcb *caller_done(uint32_t slot);

/** caller_cancel - have the VMM end @t's call. */
void caller_cancel(struct tcb *t) __attribute__((noinline));

/** caller_thread_gone - @t dies, perhaps with a call outstanding. */
void caller_thread_gone(struct tcb *t);

/** caller_act - request one cancellation; false if there is none to do. */
bool caller_act(void);

#endif
