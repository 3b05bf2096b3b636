/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts: which task gets which.
 */
#include "servers/wortel/interrupt.h"

#include "servers/abi/wortel.h"
#include "servers/lib/libl4/thread.h"

static const struct task *owner[THREAD_SYSTEM_BASE];

uint64_t interrupt_associate(
	uint64_t irq, const struct task *task, thread_id_t handler)
{
	if (irq >= THREAD_SYSTEM_BASE)
		return WORTEL_EINVAL;
	if (owner[irq] != NULL && owner[irq] != task)
		return WORTEL_EBUSY;
	if (L4_AssociateInterrupt(
		    thread_id_interrupt((uint32_t)irq), handler) == 0)
		return WORTEL_EINVAL;

	owner[irq] = task;
	return WORTEL_OK;
}

void interrupt_release(const struct task *task)
{
	for (uint32_t irq = 0; irq < THREAD_SYSTEM_BASE; irq++) {
		if (owner[irq] != task)
			continue;
		(void)L4_DeassociateInterrupt(thread_id_interrupt(irq));
		owner[irq] = NULL;
	}
}
