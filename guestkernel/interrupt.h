/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts as threads.  A notification by the VMM is a message from thread
 * (n, 1) to the handler that was associated with it; until the handler answers
 * the interrupt is masked, and one that comes meanwhile is kept.
 * Source: L4 X.2 Reference Manual, "Interrupt Protocol".
 */
#ifndef GUESTKERNEL_INTERRUPT_H
#define GUESTKERNEL_INTERRUPT_H

#include <stdint.h>

#include "guestkernel/abi/error.h"
#include "guestkernel/thread.h"

/** interrupt_take - deliver what control_page.notified says. */
void interrupt_take(void);

/**
 * interrupt_control - ThreadControl on an interrupt.
 * @id:      (n, 1)
 * @handler: who gets its messages; @id itself: nobody any more
 *
 * Returns L4_OK; L4_INVALID_THREAD if @id has another version or @handler does
 * not exist; L4_NO_MEMORY.
 */
enum l4_error interrupt_control(uint64_t id, uint64_t handler);

/** interrupt_acknowledge - a message was sent to interrupt thread @t. */
void interrupt_acknowledge(struct tcb *t) __attribute__((noinline));

/** interrupt_delivered - the handler has received @t's message. */
void interrupt_delivered(struct tcb *t);

/** interrupt_refused - the handler went away before it received it. */
void interrupt_refused(struct tcb *t);

#endif
