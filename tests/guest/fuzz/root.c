/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root task's side: it makes fuzzers, one after the other anew, gives them
 * this program's pages, and lets them go on after faults.
 */
#include "guestkernel/abi/protocol.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/utcb.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/guest/fuzz/fuzz.h"

#define LIFE_US 3000	/* until the next fuzzer is made anew */
#define PATIENCE_US 200 /* with one that makes no calls */
#define SLICE_US 100
#define CALLS_MAX 100000 /* of one fuzzer in that time: more is a lie */
#define PRIORITY 100
#define PIECE_LOG2 16  /* of what is mapped read-only */
#define UTCB_FIRST 200 /* of privileged fuzzers, in the root task's area */

struct fuzzer fuzzer[FUZZ_THREADS];
uint32_t fuzz_version[FUZZ_THREADS];
thread_id_t fuzz_root;
static uint64_t calls_seen[FUZZ_THREADS];
static uint64_t calls_before[FUZZ_THREADS];
static uint64_t calls_at_restart[FUZZ_THREADS];

/* --- fuzzers come and go --- */

static void remove(uint32_t number)
{
	(void)L4_ThreadControl(thread_id_global(number, 1), THREAD_NIL,
		THREAD_NIL, THREAD_NIL, UTCB_LOCATION_NONE);
}

static void make_space(thread_id_t id)
{
	L4_Word_t old;

	(void)L4_ThreadControl(
		id, id, fuzz_root, THREAD_NIL, UTCB_LOCATION_NONE);
	(void)L4_SpaceControl(id, 0,
		fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_RIGHTS),
		THREAD_NIL, &old);
}

/* Aligned as a function's once its first word is taken. */
static uint64_t entry_stack(unsigned n)
{
	uint8_t *end = fuzzer[n].stack + sizeof(fuzzer[n].stack);
	uint64_t *top = (uint64_t *)(void *)end - 1;

	*top = (uint64_t)&fuzzer[n];
	return (uint64_t)top;
}

static void make_fuzzer(unsigned n)
{
	uint64_t utcb = UTCB_AREA_BASE;
	thread_id_t space = fuzz_root;
	uint64_t sp;

	remove(FUZZ_FIRST + n);
	fuzz_version[n]++;
	if (n < FUZZ_PRIVILEGED) {
		utcb += (UTCB_FIRST + n) * UTCB_SIZE;
	} else {
		make_space(fuzz_id(n));
		space = fuzz_id(n);
	}
	if (!L4_ThreadControl(fuzz_id(n), space, fuzz_root, fuzz_root, utcb))
		return;
	(void)L4_Set_Priority(fuzz_id(n), PRIORITY);
	(void)L4_Set_Timeslice(fuzz_id(n), L4_TimePeriod(SLICE_US));
	fuzzer[n].number = n;
	calls_at_restart[n] = fuzzer[n].calls - 1;
	sp = entry_stack(n);
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)fuzz_entry);
	L4_LoadMR(2, sp);
	(void)L4_Send_Timeout(fuzz_id(n), L4_TimePeriod(1000));
}

/* --- their faults --- */

static unsigned number_of(thread_id_t id)
{
	return thread_id_number(id) - FUZZ_FIRST;
}

/* One that has called nothing since it was restarted last is left alone. */
static void restart(thread_id_t id)
{
	unsigned n = number_of(id);

	if (n >= FUZZ_THREADS || fuzzer[n].calls == calls_at_restart[n])
		return;
	calls_at_restart[n] = fuzzer[n].calls;
	(void)L4_Start_SpIp(id, entry_stack(n), (uint64_t)fuzz_entry);
}

/* It may write what is its own, and the large pages. */
static bool is_writable(thread_id_t id, uint64_t page)
{
	const struct fuzzer *f = &fuzzer[number_of(id)];

	if (page - FUZZ_MEMORY_BASE < FUZZ_MEMORY_SIZE)
		return true;
	return number_of(id) < FUZZ_THREADS && page >= (uint64_t)f &&
	       page < (uint64_t)(f + 1);
}

/* Of the text their own; all data. */
static bool is_given(uint64_t page)
{
	if (page >= (uint64_t)image_start && page < (uint64_t)image_end)
		return !fuzz_is_root_text(page, 1);
	return page - FUZZ_MEMORY_BASE < FUZZ_MEMORY_SIZE;
}

/* What it may not write comes in larger pieces. */
static unsigned piece_log2(uint64_t address)
{
	uint64_t size = UINT64_C(1) << PIECE_LOG2;

	return fuzz_is_root_text(address & ~(size - 1), size) ? FPAGE_LOG2_MIN
							      : PIECE_LOG2;
}

static bool page_fault(thread_id_t id, uint64_t address, uint64_t access)
{
	bool writable = is_writable(id, address);
	unsigned log2 = writable ? FPAGE_LOG2_MIN : piece_log2(address);
	uint64_t rights = writable ? FPAGE_RIGHTS : FPAGE_R | FPAGE_X;
	uint64_t base = address & ~((UINT64_C(1) << log2) - 1);

	if (!is_given(address) || (access & ~rights)) {
		restart(id);
		return false;
	}
	(void)*(volatile char *)address;
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(base));
	L4_LoadMR(2, fpage_make(base, log2, rights).raw);
	return true;
}

/* All registers come back as they were; then it goes on, or begins anew. */
static bool exception(thread_id_t id, L4_MsgTag_t tag)
{
	L4_Msg_t msg;

	L4_MsgStore(tag, &msg);
	if (number_of(id) >= FUZZ_THREADS ||
		msgtag_untyped(tag) != EXCEPTION_WORDS)
		return false;
	L4_Set_MsgTag(msgtag_make(0, EXCEPTION_WORDS, 0));
	for (unsigned i = 1; i <= EXCEPTION_WORDS; i++)
		L4_LoadMR(i, L4_MsgWord(&msg, i - 1));
	L4_LoadMR(EXCEPTION_MR_RIP, (uint64_t)fuzz_entry);
	L4_LoadMR(EXCEPTION_MR_RSP, entry_stack(number_of(id)));
	return true;
}

/*
 * Those that loop, or wait for what does not come, begin anew; if that did not
 * help, their space is spoilt.
 */
static void restart_idle(void)
{
	for (unsigned n = 0; n < FUZZ_THREADS; n++) {
		if (fuzzer[n].calls == calls_at_restart[n])
			make_fuzzer(n);
		else if (fuzzer[n].calls == calls_before[n])
			restart(fuzz_id(n));
		calls_before[n] = fuzzer[n].calls;
	}
}

/* Returns whether there is a reply, which is in the message registers then. */
static bool serve(thread_id_t from, L4_MsgTag_t tag)
{
	uint64_t address;

	if (msgtag_failed(tag))
		return false;
	L4_StoreMR(1, &address);
	from = L4_GlobalIdOf(from);
	if (msgtag_label(tag) >> 4 == PROTOCOL_PAGEFAULT >> 4)
		return page_fault(
			from, address, msgtag_label(tag) & FPAGE_RIGHTS);
	return msgtag_label(tag) == PROTOCOL_EXCEPTION && exception(from, tag);
}

static void serve_until(uint64_t end)
{
	const uint64_t timeouts =
		TIMEOUTS(TIME_ZERO, L4_TimePeriod(PATIENCE_US));
	thread_id_t from = THREAD_NIL;
	L4_MsgTag_t tag = MSGTAG_EMPTY;
	bool reply = false;

	while (L4_SystemClock() < end) {
		tag = L4_Ipc(
			reply ? from : THREAD_NIL, THREAD_ANY, timeouts, &from);
		reply = serve(from, tag);
	}
	if (reply)
		(void)L4_Reply(from);
}

/* --- all of it --- */

static uint64_t calls_since(void)
{
	uint64_t sum = 0;

	for (unsigned n = 0; n < FUZZ_THREADS; n++) {
		uint64_t more = fuzzer[n].calls - calls_seen[n];

		calls_seen[n] = fuzzer[n].calls;
		if (more <= CALLS_MAX)
			sum += more;
	}
	return sum;
}

static void get_memory(void)
{
	for (uint64_t at = 0; at < FUZZ_MEMORY_SIZE; at += UINT64_C(1) << 21)
		(void)L4_Sigma0_GetPage(THREAD_SIGMA0,
			fpage_make(FUZZ_MEMORY_BASE + at, 21, FPAGE_RIGHTS));
}

static void end(void)
{
	for (uint32_t n = 0; n < FUZZ_THREADS; n++)
		remove(FUZZ_FIRST + n);
	for (uint32_t n = 0; n < FUZZ_VICTIMS; n++)
		remove(FUZZ_FIRST_VICTIM + n);
	for (uint32_t n = 0; n < FUZZ_INTERRUPTS; n++)
		(void)L4_DeassociateInterrupt(thread_id_interrupt(n));
	(void)L4_FlushFpage(fpage_with_rights(FPAGE_COMPLETE, FPAGE_RIGHTS));
	image_touch();
}

uint64_t fuzz_run(uint64_t seed, uint64_t calls)
{
	uint64_t made = 0;
	unsigned n = 0;

	fuzz_root = L4_MyGlobalId();
	L4_Accept(ACCEPT_UNTYPED);
	image_touch();
	get_memory();
	for (unsigned i = 0; i < FUZZ_THREADS; i++)
		fuzzer[i].random = (seed * FUZZ_THREADS + i + 1) *
				   UINT64_C(0x9e3779b97f4a7c15);
	(void)calls_since();
	while (made < calls) {
		make_fuzzer(n++ % FUZZ_THREADS);
		for (unsigned i = 0; i < LIFE_US / PATIENCE_US; i++) {
			serve_until(L4_SystemClock() + PATIENCE_US);
			restart_idle();
			remove(FUZZ_FIRST_VICTIM + i % FUZZ_VICTIMS);
		}
		made += calls_since();
	}
	end();
	return made;
}
