/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Releases arrive as an interrupt.
 */
#include "servers/workload/release.h"

#include <stdbool.h>

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define RELEASE_IRQ 1

void release_begin(struct release *release)
{
	uint64_t period_us;

	if (interrupt_attach(RELEASE_IRQ) != 0)
		panic("cannot get interrupt %u", RELEASE_IRQ);
	if (vmm_period_notify(RELEASE_IRQ, &release->next_tsc, &period_us) !=
		VMM_OK)
		panic("the domain has no period");
	release->period_ticks = period_us * startup_page()->tsc_khz / 1000;
}

uint64_t release_wait(struct release *release)
{
	const thread_id_t irq = thread_id_interrupt(RELEASE_IRQ);
	L4_MsgTag_t tag = L4_Receive(irq);

	if (msgtag_failed(tag))
		panic("no release: error %lu", L4_ErrorCode());
	/* Acknowledged at once: a further one is remembered meanwhile. */
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(irq);

	uint64_t late = work_tsc() - release->next_tsc;

	return release->next_tsc +
	       late / release->period_ticks * release->period_ticks;
}
