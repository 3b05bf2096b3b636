/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What system calls and faults take on whatever L4 X.2 kernel this root task
 * runs: it uses nothing else, so it can be run on another one, too.
 *
 * A line "peer NAME TICKS" each: the least of many times, from before the
 * user's system call until after it, what the partner does included.  Two
 * switches for a yield, to the other and back.
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/bench/bench.h"
#include "tests/guest/fixture.h"

#define ROUNDS 200
#define STRING_MAX 65536
#define PRIORITY 100 /* of all threads here */

/* Where the other space has nothing else but NEIGHBOUR, which stays. */
#define PLACE UINT64_C(0x50000000)
#define NEIGHBOUR (PLACE + PAGES * PAGE_SIZE)

#define PAGES 16 /* mapped at once */
#define PAGES_LOG2 16

enum { ECHO, TOUCH }; /* what the mate is asked for */

static char string[STRING_MAX] __attribute__((aligned(PAGE_SIZE)));
static char memory[PAGES * PAGE_SIZE]
	__attribute__((aligned(PAGES * PAGE_SIZE)));
static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t tester, mate, other;

/* --- in another space --- */

static uint64_t ticks_of_fault(void)
{
	uint64_t start = bench_tsc();

	(void)*(volatile char *)page;
	return bench_tsc() - start;
}

/* What it needs it has before the tester pages it. */
static void mate_main(void *arg)
{
	L4_MsgTag_t tag;

	(void)arg;
	image_touch();
	L4_Set_Pager(tester);
	L4_LoadBR(1, item_string_word(STRING_MAX));
	L4_LoadBR(2, (uint64_t)string);
	L4_Accept(FPAGE_COMPLETE.raw | ACCEPT_STRINGS);
	tag = L4_Receive(tester);
	for (;;) {
		uint64_t ticks = 0;

		if (msgtag_label(tag) == TOUCH)
			ticks = ticks_of_fault();
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, ticks);
		tag = L4_Call(tester);
	}
}

/* --- one time each --- */

static void call(void)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Call(mate);
}

static void send_bytes(uint64_t size)
{
	L4_Set_MsgTag(msgtag_make(ECHO, 0, 2));
	L4_LoadMR(1, item_string_word(size));
	L4_LoadMR(2, (uint64_t)string);
	if (msgtag_failed(L4_Call(mate)))
		panic("a string: error %lu", L4_ErrorCode());
}

static void send_4k(void)
{
	send_bytes(PAGE_SIZE);
}

static void send_64k(void)
{
	send_bytes(STRING_MAX);
}

static void map(fpage_t fpage, uint64_t place)
{
	L4_Set_MsgTag(msgtag_make(ECHO, 0, 2));
	L4_LoadMR(1, item_map_word(place));
	L4_LoadMR(2, fpage.raw);
	if (msgtag_failed(L4_Call(mate)))
		panic("a map item: error %lu", L4_ErrorCode());
}

static fpage_t fpage_of(unsigned log2)
{
	return fpage_make((uint64_t)memory, log2, FPAGE_RIGHTS);
}

static void map_1(void)
{
	map(fpage_of(FPAGE_LOG2_MIN), PLACE);
}

static void unmap_1(void)
{
	(void)L4_UnmapFpage(fpage_of(FPAGE_LOG2_MIN));
}

static void map_16(void)
{
	map(fpage_of(PAGES_LOG2), PLACE);
}

static void unmap_16(void)
{
	(void)L4_UnmapFpage(fpage_of(PAGES_LOG2));
}

static void yield(void)
{
	L4_Yield();
}

static void switch_to(void)
{
	L4_ThreadSwitch(other);
}

static void exchange_registers(void)
{
	struct l4_exregs regs = {.thread = mate.raw};

	(void)L4_ExchangeRegisters(&regs);
}

static void schedule(void)
{
	(void)L4_Set_Priority(mate, PRIORITY);
}

static void look_at_clock(void)
{
	(void)l4_sys_system_clock();
}

static void receive_nothing(void)
{
	(void)L4_Receive_Timeout(mate, L4_ZeroTime);
}

static void make_and_delete(void)
{
	static thread_id_t id;
	static uint64_t utcb;

	if (thread_id_is_nil(id))
		id = root_thread_reserve(&utcb);
	if (L4_ThreadControl(id, tester, tester, tester, utcb) == 0)
		panic("ThreadControl: error %lu", L4_ErrorCode());
	kill(id);
}

/* --- many times --- */

static void nothing(void)
{
}

static uint64_t least_of(void (*before)(void), void (*what)(void))
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t ticks;

		before();
		ticks = bench_tsc();
		what();
		ticks = bench_tsc() - ticks;
		if (ticks < least)
			least = ticks;
	}
	return least;
}

static void report(const char *name, uint64_t ticks)
{
	print("peer %s %lu\n", name, ticks);
}

static void measure(const char *name, void (*before)(void), void (*what)(void))
{
	report(name, least_of(before, what) - least_of(nothing, nothing));
}

static void give_page(void)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word((uint64_t)page));
	L4_LoadMR(2,
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
}

/* The mate faults, the tester answers, and gets the time that it took. */
static void measure_fault(void)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t ticks;

		(void)L4_UnmapFpage(fpage_make(
			(uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
		L4_Set_MsgTag(msgtag_make(TOUCH, 0, 0));
		if (msgtag_untyped(L4_Call(mate)) != PAGEFAULT_WORDS)
			panic("no page fault comes");
		give_page();
		(void)L4_Call(mate);
		L4_StoreMR(1, &ticks);
		if (ticks < least)
			least = ticks;
	}
	report("page-fault", least - least_of(nothing, nothing));
}

static void yield_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		L4_Yield();
}

static void start_other(thread_id_t (*make)(void (*)(void *), void *))
{
	other = make(yield_for_ever, NULL);
	(void)L4_Set_Priority(other, PRIORITY);
	for (unsigned i = 0; i < ROUNDS; i++)
		L4_Yield();
}

int main(void)
{
	tester = L4_MyGlobalId();
	image_touch();
	page[0] = 1;
	mate = spawn_in_new_space(mate_main, NULL);
	(void)L4_Set_Priority(tester, PRIORITY);
	measure("call", nothing, call);
	measure("string-4k", nothing, send_4k);
	measure("string-64k", nothing, send_64k);
	map(fpage_make((uint64_t)string, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		NEIGHBOUR);
	measure("map-1", unmap_1, map_1);
	measure("unmap-1", map_1, unmap_1);
	measure("map-16", unmap_16, map_16);
	measure("unmap-16", map_16, unmap_16);
	measure_fault();
	measure("receive-nothing", nothing, receive_nothing);
	measure("exchange-registers", nothing, exchange_registers);
	measure("schedule", nothing, schedule);
	measure("clock", nothing, look_at_clock);
	measure("thread-made-deleted", nothing, make_and_delete);
	start_other(spawn);
	measure("yield", nothing, yield);
	measure("switch-to", nothing, switch_to);
	kill(other);
	start_other(spawn_in_new_space);
	measure("yield-space", nothing, yield);
	measure("switch-to-space", nothing, switch_to);
	kill(other);
	print("peer end\n");
	return 0;
}
