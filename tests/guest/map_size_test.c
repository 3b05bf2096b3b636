/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map and unmap of every size, into windows of every size, at every place and
 * over one another, against a model of who has which page.
 * Source: L4 X.2 Reference Manual, "MapItem", "Unmap".
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define LOG2_MIN 12
#define LOG2_MAX 22 /* two pages of 2 MiB */
#define SIZE (UINT64_C(1) << LOG2_MAX)
#define PAGES (SIZE >> LOG2_MIN)
#define TARGET UINT64_C(0x40000000) /* in the other space */
#define NO_PAGE 0xffff
#define LARGE_LOG2 21
#define STEPS 300

static uint64_t source; /* SIZE bytes of memory, aligned to that */
static thread_id_t tester, peer;
static uint16_t model[PAGES]; /* which page of the source is there */
static uint16_t found[PAGES]; /* what the other space reads there */
static bool is_large[PAGES];  /* in a page of 2 MiB */
static bool may_miss[PAGES];  /* part of one was mapped over or unmapped */
static uint64_t window;
static volatile bool look;

/* In the other space: receives items, or reads the first words of pages. */
static void receive_items(void *arg)
{
	(void)arg;
	for (;;) {
		L4_Accept(window);
		(void)L4_Receive(tester);
		for (uint64_t i = 0; look && i < PAGES; i++)
			found[i] = *(
				volatile uint16_t *)(TARGET + (i << LOG2_MIN));
	}
}

/*
 * Faults of the other space in the target area: no page.  The tester maps one
 * that says so, and takes it away again.
 */
static char no_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char *const nothing = no_page;

static void send_item(uint64_t base, fpage_t fpage)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(base));
	L4_LoadMR(2, fpage.raw);
	CHECK(!msgtag_failed(L4_Send(peer)));
	settle();
}

static void open_window(fpage_t to)
{
	window = to.raw & ~UINT64_C(0xf);
	look = false;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send(peer)));
	settle();
}

/* The peer's faults come here. */
static bool answer_fault(void)
{
	L4_MsgTag_t tag = L4_Receive_Timeout(peer, L4_ZeroTime);
	uint64_t address;

	if (msgtag_failed(tag))
		return false;
	L4_StoreMR(1, &address);
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(address & ~(uint64_t)(PAGE_SIZE - 1)));
	L4_LoadMR(2, fpage_make((uint64_t)nothing, LOG2_MIN, FPAGE_R).raw);
	CHECK(!msgtag_failed(L4_Send_Timeout(peer, L4_ZeroTime)));
	return true;
}

static void compare(void)
{
	look = true;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send(peer)));
	do
		settle();
	while (answer_fault());
	look = false;
	(void)L4_UnmapFpage(
		fpage_make((uint64_t)nothing, LOG2_MIN, FPAGE_RIGHTS));
	for (uint64_t i = 0; i < PAGES; i++) {
		if (may_miss[i] && found[i] == NO_PAGE)
			model[i] = NO_PAGE;
		may_miss[i] = false;
		if (found[i] == model[i])
			continue;
		CHECK_EQ(i, PAGES);
		CHECK_EQ(found[i], model[i]);
		return;
	}
}

/* --- the rules, once more --- */

static uint64_t lowest(uint64_t address, unsigned log2)
{
	return address & ~((UINT64_C(1) << log2) - 1);
}

/*
 * The kernel may take all of a page of 2 MiB for a part of it: who misses the
 * rest faults and gets it again.
 */
static void take_large(uint64_t i)
{
	uint64_t first = lowest(i, LARGE_LOG2 - LOG2_MIN);

	if (!is_large[i])
		return;
	for (i = first; i < first + PAGES / 2; i++) {
		is_large[i] = false;
		may_miss[i] = true;
	}
}

/* X.2: the smaller of the two decides, the base places it in the larger. */
static void map_in_model(uint64_t from, unsigned from_log2, uint64_t base,
	uint64_t to, unsigned to_log2)
{
	unsigned log2 = from_log2 < to_log2 ? from_log2 : to_log2;
	uint64_t in_to = base & ((UINT64_C(1) << to_log2) - 1);
	uint64_t in_from = base & ((UINT64_C(1) << from_log2) - 1);

	if (from_log2 <= to_log2)
		to += lowest(in_to, from_log2);
	else
		from += lowest(in_from, to_log2);
	for (uint64_t i = 0; i < UINT64_C(1) << (log2 - LOG2_MIN); i++) {
		uint64_t at = ((to - TARGET) >> LOG2_MIN) + i;

		if (log2 < LARGE_LOG2)
			take_large(at);
		is_large[at] = log2 >= LARGE_LOG2;
		may_miss[at] = false;
		model[at] = (uint16_t)(((from - source) >> LOG2_MIN) + i);
	}
}

static void unmap_in_model(uint64_t from, unsigned log2)
{
	uint64_t first = (from - source) >> LOG2_MIN;
	uint64_t n = UINT64_C(1) << (log2 - LOG2_MIN);

	for (uint64_t i = 0; i < PAGES; i++)
		if (model[i] >= first && model[i] < first + n) {
			if (log2 < LARGE_LOG2)
				take_large(i);
			model[i] = NO_PAGE;
		}
}

static void do_map(uint64_t from, unsigned from_log2, uint64_t base,
	uint64_t to, unsigned to_log2)
{
	open_window(fpage_make(to, to_log2, FPAGE_RIGHTS));
	send_item(base, fpage_make(from, from_log2, FPAGE_RIGHTS));
	map_in_model(from, from_log2, base, to, to_log2);
}

static void do_unmap(uint64_t from, unsigned log2)
{
	(void)L4_UnmapFpage(fpage_make(from, log2, FPAGE_RIGHTS));
	unmap_in_model(from, log2);
}

/* --- tests --- */

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (random_state >> 33) % n;
}

static void begin(void)
{
	struct l4_exregs regs = {.control = EXREGS_SET_PAGER};

	tester = L4_MyGlobalId();
	window = 0;
	look = false;
	peer = spawn_in_new_space(receive_items, NULL);
	settle();
	/* Its image is there: from now on its faults are the tester's. */
	regs.thread = peer.raw;
	regs.pager = tester.raw;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	for (uint64_t i = 0; i < PAGES; i++) {
		model[i] = NO_PAGE;
		is_large[i] = false;
		may_miss[i] = false;
	}
}

static void take_source(void)
{
	fpage_t got = L4_Sigma0_GetAny(THREAD_SIGMA0, LOG2_MAX);

	REQUIRE(!fpage_is_nil(got));
	source = fpage_base(got);
	for (uint64_t i = 0; i < PAGES; i++)
		*(uint16_t *)(source + (i << LOG2_MIN)) = (uint16_t)i;
	*(uint16_t *)nothing = NO_PAGE;
}

TEST(each_size_goes_to_each_size_of_window)
{
	take_source();
	begin();
	for (unsigned from = LOG2_MIN; from <= LOG2_MAX; from++)
		for (unsigned to = LOG2_MIN; to <= LOG2_MAX; to += 2) {
			uint64_t base = random_below(SIZE) & ~UINT64_C(0xfff);

			do_map(source, from, base, TARGET, to);
			compare();
			do_unmap(source, LOG2_MAX);
		}
	compare();
	kill(peer);
}

TEST(what_is_mapped_over_others_replaces_them)
{
	begin();
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned from = LOG2_MIN + (unsigned)random_below(11);
		unsigned to = LOG2_MIN + (unsigned)random_below(11);

		do_map(source + lowest(random_below(SIZE), from), from,
			lowest(random_below(SIZE), LOG2_MIN),
			TARGET + lowest(random_below(SIZE), to), to);
		if (i % 3 == 0)
			do_unmap(source + lowest(random_below(SIZE), to), to);
		if (i % 10 == 0)
			compare();
	}
	compare();
	do_unmap(source, LOG2_MAX);
	compare();
	kill(peer);
}

TEST(one_unmap_takes_up_to_64_fpages)
{
	begin();
	do_map(source, 20, 0, TARGET, 20);
	compare();
	for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
		uint64_t at = source + ((uint64_t)i << (LOG2_MIN + 1));

		L4_LoadMR(i, fpage_make(at, LOG2_MIN, FPAGE_RIGHTS).raw);
		unmap_in_model(at, LOG2_MIN);
	}
	L4_Unmap(UTCB_MR_COUNT - 1);
	for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
		uint64_t at = source + ((uint64_t)i << (LOG2_MIN + 1)), fpage;

		L4_StoreMR(i, &fpage);
		CHECK_EQ(
			fpage & ~FPAGE_RIGHTS, fpage_make(at, LOG2_MIN, 0).raw);
		CHECK(fpage & FPAGE_REFERENCED);
	}
	compare();
	/* The next one, and no more than the count says. */
	L4_LoadMR(
		0, fpage_make(source + PAGE_SIZE, LOG2_MIN, FPAGE_RIGHTS).raw);
	L4_LoadMR(1,
		fpage_make(source + 3 * PAGE_SIZE, LOG2_MIN, FPAGE_RIGHTS).raw);
	L4_Unmap(0);
	unmap_in_model(source + PAGE_SIZE, LOG2_MIN);
	compare();
	kill(peer);
}

TAP_MAIN(CASE(each_size_goes_to_each_size_of_window),
	CASE(what_is_mapped_over_others_replaces_them),
	CASE(one_unmap_takes_up_to_64_fpages))
