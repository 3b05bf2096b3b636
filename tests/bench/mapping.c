/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping a page to another space, small and large, and taking it back, where
 * the receiver has page tables already.
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/links.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "tests/bench/bench.h"
#include "tests/bench/oneway.h"
#include "tests/guest/fixture.h"

#define SMALL_LOG2 12
#define LARGE_LOG2 21

/* Where the receiver has nothing else but NEIGHBOUR, which stays. */
#define SMALL_PLACE UINT64_C(0x50000000)
#define NEIGHBOUR (SMALL_PLACE + PAGE_SIZE)
#define LARGE_PLACE UINT64_C(0x50200000)

enum kind { MAP, EMPTY };

static uint64_t least; /* of taking back */

static void receive(void *arg)
{
	thread_id_t from = THREAD_ANY;

	(void)arg;
	L4_Accept(FPAGE_COMPLETE.raw);
	(void)L4_Wait(&from);
	for (;;) {
		thread_id_t next = THREAD_ANY;

		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)oneway(EMPTY, from, &next);
		from = next;
	}
}

static uint64_t unmap(fpage_t fpage)
{
	uint64_t start = bench_tsc();

	(void)L4_UnmapFpage(fpage);
	return bench_tsc() - start;
}

static void map(thread_id_t to, fpage_t fpage, uint64_t place)
{
	thread_id_t from = to;

	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(place));
	L4_LoadMR(2, fpage.raw);
	if (msgtag_failed(oneway(MAP, to, &from)))
		panic("mapping: error %lu", L4_ErrorCode());
}

static void map_and_unmap(
	const char *name, thread_id_t to, fpage_t fpage, uint64_t place)
{
	oneway_reset(MAP);
	least = UINT64_MAX;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t ticks;

		map(to, fpage, place);
		ticks = unmap(fpage);
		if (ticks < least)
			least = ticks;
	}
	oneway_report(name, MAP);
}

/* The stubs of Ipc and Unmap are alike, and so are their stand-ins. */
static uint64_t unmap_without_kernel(fpage_t fpage)
{
	uint64_t link = l4_links[LINK_UNMAP / 8];
	uint64_t fastest = UINT64_MAX;

	l4_links[LINK_UNMAP / 8] = (uint64_t)no_ipc;
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t ticks = unmap(fpage);

		if (ticks < fastest)
			fastest = ticks;
	}
	l4_links[LINK_UNMAP / 8] = link;
	return fastest;
}

static void report_unmap(fpage_t fpage)
{
	bench_record("unmap", "instructions", least - bench_tsc_cost());
	bench_record("unmap", "kernel_instructions",
		least - unmap_without_kernel(fpage));
}

static fpage_t memory(unsigned log2)
{
	fpage_t fpage = L4_Sigma0_GetAny(THREAD_SIGMA0, log2);

	if (fpage_is_nil(fpage))
		panic("no memory of 2^%u bytes", log2);
	return fpage_with_rights(fpage, FPAGE_RIGHTS);
}

int main(void)
{
	thread_id_t receiver = spawn_in_new_space(receive, NULL);
	fpage_t small = memory(SMALL_LOG2);
	fpage_t large = memory(LARGE_LOG2);

	settle();
	map(receiver, memory(SMALL_LOG2), NEIGHBOUR);
	map_and_unmap("map-2m", receiver, large, LARGE_PLACE);
	map_and_unmap("map-1", receiver, small, SMALL_PLACE);
	report_unmap(small);
	return 0;
}
