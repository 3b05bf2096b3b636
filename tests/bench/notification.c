/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A notification: from asking the VMM for one at once until the interrupt's
 * message is visible to the thread; and what of that is the kernel's, from the
 * injected interrupt on, when it comes to a thread of another space.
 */
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/bench/bench.h"
#include "tests/bench/event_stamp.h"
#include "tests/guest/fixture.h"

#define IRQ 3
#define SOON 20000 /* TSC ticks: the other thread runs by then */
#define LOW 50	   /* its priority */

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

static void measure_all(void)
{
	struct vmm_stat before, after;
	uint64_t cost = bench_tsc_cost();

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
}

static void spin(void *unused)
{
	(void)unused;
	for (;;)
		__builtin_ia32_pause();
}

static uint64_t measure_kernel(void)
{
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t ticks;

		if (vmm_notify_after(IRQ, SOON) != VMM_OK)
			panic("the VMM raises nothing");
		ticks = event_wait(thread_id_interrupt(IRQ).raw);
		bench.ticks[i] = ticks - event_stamp();
	}
	return bench_median(bench.ticks, BENCH_ROUNDS) - event_empty();
}

int main(void)
{
	thread_id_t spinner;
	uint64_t kernel;

	if (!L4_AssociateInterrupt(thread_id_interrupt(IRQ), L4_MyGlobalId()))
		panic("cannot get interrupt %u", IRQ);
	measure_all();
	spinner = spawn_in_new_space(spin, NULL);
	(void)L4_Set_Priority(spinner, LOW);
	kernel = measure_kernel();
	bench_record("notification", "kernel_instructions", kernel);
	print("notification: %lu in the kernel\n", kernel);
	return 0;
}
