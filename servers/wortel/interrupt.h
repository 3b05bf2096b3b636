/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts: which task gets which.
 */
#ifndef SERVERS_WORTEL_INTERRUPT_H
#define SERVERS_WORTEL_INTERRUPT_H

#include "servers/wortel/task.h"

/**
 * interrupt_associate - thread @handler of @task gets interrupt @irq.
 *
 * Returns WORTEL_OK, WORTEL_EINVAL (no such interrupt) or WORTEL_EBUSY (it is
 * another task's).
 */
uint64_t interrupt_associate(
	uint64_t irq, const struct task *task, thread_id_t handler);

/** interrupt_release - take all interrupts from a task. */
void interrupt_release(const struct task *task);

#endif
