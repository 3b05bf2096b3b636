/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a timeout costs, and whether it costs more where there are many.
 *
 * A round is a call of a thread that waits with a timeout, answers, and waits
 * with another one: one is taken off, one is added.  With one such thread, and
 * with ten thousand of them, each called once.  The mean: work that is only
 * put off counts, too.
 */
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/bench/bench.h"
#include "tests/guest/fixture.h"

#define MANY 10000u
#define FIRST_NUMBER 1000u

/* Of the waiters' space. */
#define UTCBS_BASE UINT64_C(0x60000000)
#define UTCBS_LOG2 24

/* Timeouts are this long and up to three times as long: none ends. */
#define PERIOD_US 100000000u

/* No divisor of MANY: i * SCATTER % MANY is each number once. */
#define SCATTER 3701u

/* A round that took longer held a preemption of the domain. */
#define ROUND_MAX 200000u

thread_id_t waiter_partner;
void waiter(void);

static char stack[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static thread_id_t id_of(unsigned i)
{
	return thread_id_global(FIRST_NUMBER + i, 1);
}

static void check(L4_Word_t result, const char *what)
{
	if (result == 0)
		panic("%s: error %lu", what, L4_ErrorCode());
}

static void page_fault(thread_id_t from, uint64_t address)
{
	uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1);

	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(page));
	L4_LoadMR(2, fpage_make(page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	(void)L4_Send(from);
}

/* Until it waits for the first message. */
static void serve_faults(thread_id_t id)
{
	while (!msgtag_failed(L4_Receive_Timeout(id, L4_TimePeriod(1000)))) {
		L4_Word_t address;

		L4_StoreMR(1, &address);
		page_fault(id, address);
	}
}

static void start_waiter(unsigned i)
{
	thread_id_t id = id_of(i);

	check(L4_ThreadControl(id, id_of(0), L4_MyGlobalId(), L4_MyGlobalId(),
		      UTCBS_BASE + i * UTCB_SIZE),
		"a waiter");
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)waiter);
	L4_LoadMR(2, (uint64_t)stack + sizeof(stack));
	(void)L4_Send(id);
}

static void make_space(void)
{
	thread_id_t id = id_of(0);
	L4_Word_t old;

	check(L4_ThreadControl(
		      id, id, L4_MyGlobalId(), THREAD_NIL, UTCB_LOCATION_NONE),
		"the waiters' space");
	check(L4_SpaceControl(id, 0,
		      fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		      fpage_make(UTCBS_BASE, UTCBS_LOG2, FPAGE_RIGHTS),
		      THREAD_NIL, &old),
		"the waiters' memory");
}

/* Lets waiter @i wait anew; its next timeout. */
static uint64_t round_trip(unsigned i, unsigned period)
{
	l4_time_t receive =
		time_period(PERIOD_US + period * (PERIOD_US / MANY) * 2);

	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, TIMEOUTS(TIME_NEVER, receive));

	uint64_t start = bench_tsc();
	L4_MsgTag_t tag = L4_Call(id_of(i));
	uint64_t ticks = bench_tsc() - start;

	if (msgtag_failed(tag))
		panic("waiter %u: error %lu", i, L4_ErrorCode());
	return ticks;
}

/* MANY rounds over the first @nr waiters. */
static void measure(const char *name, unsigned nr)
{
	uint64_t cost = bench_tsc_cost();
	uint64_t sum = 0;
	unsigned counted = 0;

	for (unsigned i = 0; i < nr; i++)
		(void)round_trip(i, i);
	for (unsigned i = 0; i < MANY; i++) {
		uint64_t ticks =
			round_trip(i * SCATTER % nr, i * SCATTER % (MANY - 1)) -
			cost;

		if (ticks > ROUND_MAX)
			continue;
		sum += ticks;
		counted++;
	}
	bench_record(name, "instructions", sum / counted);
	print("%s: %lu ticks\n", name, sum / counted);
}

int main(void)
{
	waiter_partner = L4_MyGlobalId();
	image_touch();
	make_space();
	start_waiter(0);
	serve_faults(id_of(0));
	measure("timeout-1", 1);
	for (unsigned i = 1; i < MANY; i++)
		start_waiter(i);
	measure("timeout-10000", MANY);
	return 0;
}
