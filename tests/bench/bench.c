/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a program in a domain measures IPC.
 */
#include "tests/bench/bench.h"

#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"

struct counts {
	uint64_t exits;
	uint64_t switches;
};

static uint64_t server_exits(thread_id_t server)
{
	uint64_t exits;

	if (thread_id_is_nil(server))
		return 0;
	L4_Set_MsgTag(msgtag_make(BENCH_EXITS, 0, 0));
	if (msgtag_failed(L4_Call(server)))
		panic("the server failed: error %lu", L4_ErrorCode());
	L4_StoreMR(1, &exits);
	return exits;
}

static struct counts counts_read(thread_id_t server)
{
	struct vmm_stat stat;
	uint64_t others = server_exits(server);

	if (vmm_stat(&stat) != VMM_OK)
		panic("the VMM counts nothing");
	return (struct counts){stat.exits + others, stat.host_context_switches};
}

static uint64_t round_trip(thread_id_t server)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);

	uint64_t start = bench_tsc();
	L4_MsgTag_t tag = L4_Call(server);
	uint64_t ticks = bench_tsc() - start;

	if (msgtag_failed(tag))
		panic("a call failed: error %lu", L4_ErrorCode());
	return ticks;
}

uint64_t bench_tsc_cost(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < BENCH_WARM_UP; i++) {
		uint64_t start = bench_tsc();
		uint64_t ticks = bench_tsc() - start;

		if (ticks < least)
			least = ticks;
	}
	return least;
}

void bench_calls(
	struct bench *bench, thread_id_t server, thread_id_t server_domain)
{
	uint64_t cost = bench_tsc_cost();

	for (unsigned i = 0; i < BENCH_WARM_UP; i++)
		(void)round_trip(server);

	/* What reading the counters costs is seen by reading them twice. */
	struct counts first = counts_read(server_domain);
	struct counts before = counts_read(server_domain);

	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		bench->ticks[i] = round_trip(server) - cost;

	struct counts after = counts_read(server_domain);

	bench->exits =
		after.exits - before.exits - (before.exits - first.exits);
	bench->switches = after.switches - before.switches -
			  (before.switches - first.switches);
}

/* Insertion sort: a thousand numbers, once. */
uint64_t bench_median(uint64_t *value, unsigned nr)
{
	for (unsigned i = 1; i < nr; i++) {
		uint64_t moved = value[i];
		unsigned at = i;

		for (; at > 0 && value[at - 1] > moved; at--)
			value[at] = value[at - 1];
		value[at] = moved;
	}
	return value[nr / 2];
}

void bench_record(const char *name, const char *what, uint64_t figure)
{
	char full[VMM_NAME_MAX];

	format(full, sizeof(full), "%s.%s", name, what);
	if (vmm_record(full, figure) != VMM_OK)
		panic("%s cannot be recorded", full);
}

static uint64_t per_round(uint64_t count)
{
	return (count + BENCH_ROUNDS / 2) / BENCH_ROUNDS;
}

void bench_report(
	const struct bench *bench, const char *otherwise, uint64_t ticks)
{
	char name[BOOT_NAME_MAX];

	if (!args_text(startup_page()->args, "name", name, sizeof(name)))
		format(name, sizeof(name), "%s", otherwise);
	bench_record(name, "instructions", ticks);
	bench_record(name, "exits", per_round(bench->exits));
	bench_record(name, "host_context_switches", per_round(bench->switches));
	print("%s: %lu ticks, %lu exits, %lu host context switches\n", name,
		ticks, per_round(bench->exits), per_round(bench->switches));
}

void bench_echo(void *unused)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)unused;
	for (;;) {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		tag = msgtag_failed(tag) ? L4_Wait(&from)
					 : L4_ReplyWait(from, &from);
	}
}
