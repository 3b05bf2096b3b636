/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As handoff-client, with a string of 4 KiB in the call: one page to one page,
 * both mapped.
 *
 * Arguments: portal=NAME [name=NAME of the figure]
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/bench/bench.h"

static struct bench bench;
static char string[BENCH_STRING] __attribute__((aligned(BENCH_STRING)));

static uint64_t round_trip(thread_id_t server)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_string_word(sizeof(string)));
	L4_LoadMR(2, (uint64_t)string);

	uint64_t start = bench_tsc();
	L4_MsgTag_t tag = L4_Call(server);
	uint64_t ticks = bench_tsc() - start;

	if (msgtag_failed(tag))
		panic("a call failed: error %lu", L4_ErrorCode());
	return ticks;
}

static uint64_t exits_of(thread_id_t server)
{
	struct vmm_stat stat;
	uint64_t exits;

	L4_Set_MsgTag(msgtag_make(BENCH_EXITS, 0, 0));
	if (msgtag_failed(L4_Call(server)))
		panic("a call failed: error %lu", L4_ErrorCode());
	L4_StoreMR(1, &exits);
	if (vmm_stat(&stat) != VMM_OK)
		panic("the VMM counts nothing");
	return exits + stat.exits;
}

int main(void)
{
	thread_id_t server = portal_from_args();
	uint64_t cost = bench_tsc_cost();
	uint64_t first, before;

	string[0] = 1; /* mapped */
	for (unsigned i = 0; i < BENCH_WARM_UP; i++)
		(void)round_trip(server);
	first = exits_of(server);
	before = exits_of(server);
	for (unsigned i = 0; i < BENCH_ROUNDS; i++)
		bench.ticks[i] = round_trip(server) - cost;
	bench.exits = exits_of(server) - before - (before - first);
	bench_report(&bench, "handoff-string-4k",
		bench_median(bench.ticks, BENCH_ROUNDS));
	return 0;
}
