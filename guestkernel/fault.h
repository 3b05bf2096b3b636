/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults, exceptions and preemptions as messages to the pager, the
 * exception handler and the scheduler, sent in the name of the thread.
 * Source: L4 X.2 Reference Manual, "Page Fault Protocol", "Exception Protocol",
 * "Preemption Protocol".
 */
#ifndef GUESTKERNEL_FAULT_H
#define GUESTKERNEL_FAULT_H

#include "guestkernel/thread.h"

/**
 * fault_page - the running thread touched @address and may not.
 * @error: the processor's error code
 *
 * sigma0 gets the memory at once.  Without a pager in this domain the thread
 * is halted: ExchangeRegisters can give it one and let it go on.
 */
void fault_page(struct tcb *self, uint64_t address, uint64_t error);

/**
 * fault_send_page - send @t's page fault to its pager.
 * @access: FPAGE_R, FPAGE_W or FPAGE_X
 * @ip:     of the instruction
 *
 * Without one in this domain the thread is halted, and in the middle of strings
 * these are aborted.
 */
void fault_send_page(struct tcb *t, uint64_t access, uint64_t address,
	uint64_t ip) __attribute__((noinline));

/**
 * fault_quantum - the total quantum of @t is used up: it asks its scheduler.
 *
 * Without a scheduler in this domain it is halted.
 */
void fault_quantum(struct tcb *t);

/**
 * fault_preempted - tell @t's exception handler, if it waits for that, that @t
 * was preempted.
 */
void fault_preempted(struct tcb *t);

/**
 * fault_exception - any other exception; vector and error code are in the
 * frame.  Without a handler the thread is halted.
 */
void fault_exception(struct tcb *self);

#endif
