/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and the event interrupt. */
#ifndef GUESTKERNEL_X86_TRAP_H
#define GUESTKERNEL_X86_TRAP_H

#include "guestkernel/thread.h"

/** trap_user - the running thread trapped; returns the thread to run. */
struct tcb *trap_user(struct tcb *self);

/**
 * trap_kernel - the kernel did: an invariant is broken, unless it was
 * try_copy that faulted.
 */
void trap_kernel(struct trapframe *frame);

/**
 * try_copy - copy user memory of the running space, or what is mapped of it.
 *
 * Returns false if a page is not mapped, or the host took it away (notice.h);
 * some bytes may have been copied.
 */
bool try_copy(void *to, const void *from, uint64_t size);

#endif
