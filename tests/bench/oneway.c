/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sender's and receiver's half are one function, so that what the two execute
 * is what one thread does if its system call does nothing.
 */
#include "tests/bench/oneway.h"

#include "servers/lib/libhurd/console.h"
#include "servers/lib/libl4/links.h"
#include "tests/bench/bench.h"
#include "tests/bench/stamp.h"

static volatile uint64_t least[ONEWAY_KINDS];
static volatile unsigned kind_sent;

/* Never inlined: it is to be the same code for all. */
__attribute__((noinline)) L4_MsgTag_t oneway(
	unsigned kind, thread_id_t to, thread_id_t *from)
{
	kind_sent = kind;
	stamp = bench_tsc();

	L4_MsgTag_t tag =
		L4_Ipc(to, *from, TIMEOUTS(TIME_NEVER, TIME_NEVER), from);
	uint64_t ticks = bench_tsc() - stamp;

	if (ticks < least[kind_sent])
		least[kind_sent] = ticks;
	return tag;
}

void oneway_reset(unsigned kind)
{
	least[kind] = UINT64_MAX;
}

void oneway_touch(unsigned kind, const volatile char *at)
{
	kind_sent = kind;
	stamp_touch(at);
}

void oneway_raise(unsigned kind)
{
	kind_sent = kind;
	stamp_raise();
}

/* What it takes if @stub stands in for the kernel's stub of Ipc. */
static uint64_t without_kernel(unsigned kind, void (*stub)(void))
{
	uint64_t link = l4_links[LINK_IPC / 8];
	uint64_t measured = least[kind];
	uint64_t empty;

	oneway_reset(kind);
	l4_links[LINK_IPC / 8] = (uint64_t)stub;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		thread_id_t from = THREAD_NIL;

		(void)oneway(kind, THREAD_NIL, &from);
	}
	l4_links[LINK_IPC / 8] = link;
	empty = least[kind];
	least[kind] = measured;
	return empty;
}

static void report(const char *name, uint64_t instructions, uint64_t kernel)
{
	bench_record(name, "instructions", instructions);
	bench_record(name, "kernel_instructions", kernel);
	print("%s: %lu ticks, %lu in the kernel\n", name, instructions, kernel);
}

void oneway_report(const char *name, unsigned kind)
{
	report(name, least[kind] - bench_tsc_cost(),
		least[kind] - without_kernel(kind, no_ipc));
}

void oneway_report_fault(const char *name, unsigned kind, uint64_t instructions)
{
	report(name, instructions,
		least[kind] - without_kernel(kind, stamp_ipc));
}
