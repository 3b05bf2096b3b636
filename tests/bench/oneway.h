/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages one way: from the sender's instructions before the system call (or
 * the fault) to the receiver's behind it, in threads that share memory.
 *
 * What the same code takes without a kernel is taken off: the difference is
 * what the kernel executes.
 */
#ifndef TESTS_BENCH_ONEWAY_H
#define TESTS_BENCH_ONEWAY_H

#include <stdint.h>

#include "servers/lib/libl4/ipc.h"

#define ONEWAY_KINDS 4 /* of messages, told apart by whoever sends */

/**
 * oneway - send the message in the message registers, then receive.
 * @kind: of what is sent; what is received counts for the kind that its sender
 *        gave
 *
 * Returns the tag of the message received; the sender's id is in *@from then.
 */
L4_MsgTag_t oneway(unsigned kind, thread_id_t to, thread_id_t *from);

/** oneway_reset - forget what was measured for @kind. */
void oneway_reset(unsigned kind);

/**
 * oneway_report - record the least of a kind.
 * @name: of the row: NAME.instructions, NAME.kernel_instructions
 */
void oneway_report(const char *name, unsigned kind);

/** oneway_touch - read a byte, which faults, as a message of kind @kind. */
void oneway_touch(unsigned kind, const volatile char *at);

/**
 * oneway_raise - divide by zero (2 bytes), as a message of kind @kind: an
 * exception that no host takes for itself first, as KVM does with UD2.
 */
void oneway_raise(unsigned kind);

/**
 * oneway_report_fault - record the least of what oneway_touch or oneway_raise
 * sent.
 * @instructions: NAME.instructions
 */
void oneway_report_fault(
	const char *name, unsigned kind, uint64_t instructions);

#endif
