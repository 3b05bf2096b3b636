/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A notification: from asking the VMM for one at once until the interrupt's
 * message is visible to the thread.
 */
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/bench/bench.h"

#define IRQ 3

static struct bench bench;

static uint64_t notify_once(void)
{
	uint64_t start = bench_tsc();

	if (vmm_notify_after(IRQ, 0) != VMM_OK)
		panic("the VMM raises nothing");

	L4_MsgTag_t tag = L4_Receive(thread_id_interrupt(IRQ));
	uint64_t ticks = bench_tsc() - start;

	if (msgtag_failed(tag))
		panic("no interrupt: error %lu", L4_ErrorCode());
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(thread_id_interrupt(IRQ));
	return ticks;
}

int main(void)
{
	struct vmm_stat before, after;
	uint64_t cost = bench_tsc_cost();

	if (interrupt_attach(IRQ) != 0)
		panic("cannot get interrupt %u", IRQ);
	for (unsigned i = 0; i < BENCH_WARM_UP; i++)
		(void)notify_once();
	if (vmm_stat(&before) != VMM_OK)
		panic("the VMM counts nothing");
	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		bench.ticks[i] = notify_once() - cost;
	(void)vmm_stat(&after);
	bench.exits = after.exits - before.exits;
	bench.switches =
		after.host_context_switches - before.host_context_switches;
	bench_report(&bench, "notification",
		bench_median(bench.ticks, BENCH_ROUNDS));
	return 0;
}
