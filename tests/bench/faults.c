/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults and exceptions of a thread in another space: the message to the
 * pager or handler, and all that the fault costs the thread.
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/space.h"
#include "tests/bench/bench.h"
#include "tests/bench/oneway.h"
#include "tests/guest/fixture.h"

#define DIV_SIZE 2

enum kind { FAULT, OTHER };

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t handler;
static volatile uint64_t least; /* of the thread's loss */

static void note(uint64_t ticks)
{
	if (ticks < least)
		least = ticks;
}

/* Whatever else it needs it has before its handler pages it. */
static void prepare(void)
{
	image_touch();
	L4_Set_Pager(handler);
	L4_Set_ExceptionHandler(handler);
}

/* Goes on when it is told to, faults, and tells. */
static void touch(void *arg)
{
	(void)arg;
	prepare();
	for (;;) {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Call(handler);

		uint64_t start = bench_tsc();

		oneway_touch(FAULT, page);
		note(bench_tsc() - start);
	}
}

static void raise(void *arg)
{
	(void)arg;
	prepare();
	for (;;) {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Call(handler);

		uint64_t start = bench_tsc();

		oneway_raise(FAULT);
		note(bench_tsc() - start);
	}
}

/* The same instructions without a fault. */
static uint64_t without_fault(void)
{
	uint64_t fastest = UINT64_MAX;

	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		uint64_t start = bench_tsc();

		oneway_touch(FAULT, page);
		start = bench_tsc() - start;
		if (start < fastest)
			fastest = start;
	}
	return fastest;
}

static void give_page(void)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word((uint64_t)page));
	L4_LoadMR(2,
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
}

static void skip_instruction(void)
{
	L4_Word_t rip;

	L4_StoreMR(EXCEPTION_MR_RIP, &rip);
	L4_LoadMR(EXCEPTION_MR_RIP, rip + DIV_SIZE);
	L4_Set_MsgTag(msgtag_make(PROTOCOL_EXCEPTION, EXCEPTION_WORDS, 0));
}

static void take_page(void)
{
	(void)L4_UnmapFpage(
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
}

static L4_MsgTag_t answer(thread_id_t faulter)
{
	thread_id_t from = THREAD_ANY;

	return oneway(OTHER, faulter, &from);
}

/* One fault after the other, each answered by @resolve. */
static void measure(const char *name, void (*thread)(void *),
	void (*resolve)(void), unsigned words)
{
	thread_id_t faulter = spawn_in_new_space(thread, NULL);

	least = UINT64_MAX;
	oneway_reset(FAULT);
	(void)L4_Receive(faulter);
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		L4_MsgTag_t tag;

		take_page();
		L4_Set_MsgTag(MSGTAG_EMPTY);
		tag = answer(faulter);
		if (msgtag_untyped(tag) != words)
			panic("%s: a message of %u words", name,
				msgtag_untyped(tag));
		resolve();
		(void)answer(faulter);
	}
	oneway_report_fault(name, FAULT, least - without_fault());
	kill(faulter);
}

int main(void)
{
	handler = L4_MyGlobalId();
	page[0] = 1;
	measure("pagefault", touch, give_page, PAGEFAULT_WORDS);
	measure("exception", raise, skip_instruction, EXCEPTION_WORDS);
	return 0;
}
