/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that do not go where, or come from whom, they say: redirection of
 * what leaves a confined space, and propagation in another thread's name.
 * Source: L4 X.2 Reference Manual, "SpaceControl" (redirector), "IPC"
 * (propagation), "Thread Control Registers" (IntendedReceiver, VirtualSender).
 */
#ifndef GUESTKERNEL_REDIRECT_H
#define GUESTKERNEL_REDIRECT_H

#include "guestkernel/thread.h"

/**
 * redirect - where a message of @s goes.
 * @to: its receiver's id; of this domain or remote
 *
 * Threads of a space with a redirector send to their own space and to the
 * redirector's.  Returns @to, or the redirector's id with @s->intended set.
 */
uint64_t redirect(struct tcb *s, uint64_t to);

/**
 * propagate - send in the name of the thread in @s's VirtualSender.
 * @to:     where the message goes
 * @wanted: where it would go without redirection
 *
 * Nothing if @s may not: then the message is its own.  It may for threads of
 * its space, to threads of its space, and as a redirector of that thread's
 * space, or of the redirector's, and so on.
 *
 * A virtual sender that waits for @s alone waits for @to instead.
 */
void propagate(struct tcb *s, uint64_t to, uint64_t wanted);

/**
 * redirect_space - SpaceControl's redirector.
 * @id: a thread of this domain; anythread: none any more
 *
 * Takes time in proportion to the number of threads.
 */
void redirect_space(struct space *space, uint64_t id);

#endif
