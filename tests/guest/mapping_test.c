/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map, grant and unmap between two spaces, and what Unmap says of a page.
 * Source: L4 X.2 Reference Manual, "MapItem", "GrantItem", "Unmap".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define WINDOW UINT64_C(0x20000000) /* in the other space */
#define LARGE_PAGE UINT64_C(0x1400000)
#define LARGE_PAGE_LOG2 21

/* Requests to the thread in the other space: MR1 = address, MR2 = value. */
enum {
	PEEK = 1,
	POKE = 2,
	ACCEPT = 3, /* a map or grant item into [address, + 2^value) */
};

static char page[2][PAGE_SIZE] __attribute__((aligned(2 * PAGE_SIZE)));
static thread_id_t tester;

/* Does what the tester asks, in the other space. */
static void mate(void *arg)
{
	L4_MsgTag_t tag;
	L4_Msg_t msg;

	(void)arg;
	tag = L4_Receive(tester);
	for (;;) {
		uint64_t result = 0;

		L4_MsgStore(tag, &msg);

		volatile uint64_t *at =
			(volatile uint64_t *)L4_MsgWord(&msg, 0);

		L4_Accept(ACCEPT_UNTYPED);
		if (msgtag_label(tag) == PEEK)
			result = *at;
		else if (msgtag_label(tag) == POKE)
			*at = L4_MsgWord(&msg, 1);
		else if (msgtag_label(tag) == ACCEPT)
			L4_Accept(fpage_make(L4_MsgWord(&msg, 0),
				(unsigned)L4_MsgWord(&msg, 1), 0)
					  .raw);
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, result);
		tag = L4_Call(tester);
	}
}

static thread_id_t mate_start(void)
{
	tester = L4_MyGlobalId();
	return spawn_in_new_space(mate, NULL);
}

/* Nobody pages the window: a request that faults in it gets no answer. */
static L4_MsgTag_t ask(thread_id_t id, uint64_t label, uint64_t address,
	uint64_t value, uint64_t *result)
{
	L4_Set_MsgTag(msgtag_make(label, 2, 0));
	L4_LoadMR(1, address);
	L4_LoadMR(2, value);

	L4_MsgTag_t tag = L4_Call_Timeouts(id, L4_Never, L4_TimePeriod(200000));

	L4_StoreMR(1, result);
	return tag;
}

/* Sends one item into the window that was opened; returns the send's tag. */
static L4_MsgTag_t give(thread_id_t id, uint64_t word, fpage_t fpage)
{
	L4_Set_MsgTag(msgtag_make(ACCEPT, 1, 2));
	L4_LoadMR(1, WINDOW);
	L4_LoadMR(2, word);
	L4_LoadMR(3, fpage.raw);
	return L4_Call_Timeouts(id, L4_Never, L4_TimePeriod(200000));
}

static fpage_t page_fpage(unsigned i, uint64_t rights)
{
	return fpage_make((uint64_t)page[i], FPAGE_LOG2_MIN, rights);
}

static uint64_t *page_word(unsigned i)
{
	return (uint64_t *)(void *)page[i];
}

/* Maps page 0 at the window of a new mate. */
static thread_id_t mate_with_page(uint64_t item, uint64_t rights)
{
	thread_id_t id = mate_start();
	uint64_t unused;

	/* What is not mapped here cannot be mapped on. */
	(void)*(volatile uint64_t *)page_word(0);
	(void)ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN, &unused);
	if (msgtag_failed(give(id, item, page_fpage(0, rights))))
		return THREAD_NIL;
	return id;
}

TEST(a_mapped_page_is_the_same_memory)
{
	uint64_t got;

	*page_word(0) = 11;

	thread_id_t id = mate_with_page(item_map_word(0), FPAGE_RIGHTS);

	REQUIRE(!thread_id_is_nil(id));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 11);
	CHECK(!msgtag_failed(ask(id, POKE, WINDOW, 12, &got)));
	CHECK_EQ(*page_word(0), 12);
	kill(id);
}

TEST(an_item_that_no_window_is_open_for_overflows)
{
	thread_id_t id = mate_start();
	uint64_t unused;

	CHECK(!msgtag_failed(ask(id, PEEK, (uint64_t)page, 0, &unused)));
	CHECK(msgtag_failed(
		give(id, item_map_word(0), page_fpage(0, FPAGE_RIGHTS))));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_OVERFLOW);
	kill(id);
}

TEST(an_unmapped_page_is_gone_from_the_receiver_only)
{
	uint64_t got;
	thread_id_t id = mate_with_page(item_map_word(0), FPAGE_RIGHTS);

	*page_word(0) = 21;
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	(void)L4_UnmapFpage(page_fpage(0, FPAGE_RIGHTS));
	CHECK_EQ(*page_word(0), 21);
	/* The mate faults, its pager has no such page, the call never ends. */
	CHECK(msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	kill(id);
}

/* It gets what the other had: root table, identifier in the TLB. */
TEST(a_space_in_place_of_another_has_none_of_its_pages)
{
	for (unsigned i = 0; i < 3; i++) {
		thread_id_t id = mate_with_page(item_map_word(0), FPAGE_RIGHTS);
		uint64_t got;

		*page_word(0) = 51;
		CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
		CHECK_EQ(got, 51);
		kill(id);
		id = mate_start();
		CHECK(msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
		CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
		kill(id);
	}
}

TEST(a_page_mapped_without_write_cannot_be_written)
{
	uint64_t got;

	*page_word(0) = 31;

	thread_id_t id = mate_with_page(item_map_word(0), FPAGE_R | FPAGE_X);

	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 31);
	CHECK(msgtag_failed(ask(id, POKE, WINDOW, 32, &got)));
	CHECK_EQ(*page_word(0), 31);
	kill(id);
}

TEST(write_can_be_revoked_alone)
{
	uint64_t got;
	thread_id_t id = mate_with_page(item_map_word(0), FPAGE_RIGHTS);

	CHECK(!msgtag_failed(ask(id, POKE, WINDOW, 41, &got)));
	(void)L4_UnmapFpage(page_fpage(0, FPAGE_W));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 41);
	CHECK(msgtag_failed(ask(id, POKE, WINDOW, 42, &got)));
	CHECK_EQ(*page_word(0), 41);
	kill(id);
}

TEST(mapping_on_gains_no_right)
{
	fpage_t alias = fpage_make(WINDOW, FPAGE_LOG2_MIN, FPAGE_RIGHTS);
	thread_id_t helper = spawn(mate, NULL);
	thread_id_t id = mate_start();
	uint64_t got;

	/* Read-only at another place of this space, and from there on. */
	*page_word(0) = 61;
	(void)ask(helper, ACCEPT, WINDOW, FPAGE_LOG2_MIN, &got);
	CHECK(!msgtag_failed(
		give(helper, item_map_word(0), page_fpage(0, FPAGE_R))));
	(void)ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN, &got);
	CHECK(!msgtag_failed(give(id, item_map_word(0), alias)));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 61);
	CHECK(msgtag_failed(ask(id, POKE, WINDOW, 62, &got)));
	CHECK_EQ(*page_word(0), 61);
	(void)L4_FlushFpage(alias);
	kill(helper);
	kill(id);
}

TEST(a_granted_page_has_moved)
{
	uint64_t got;

	*page_word(0) = 51;

	thread_id_t id = mate_with_page(item_grant_word(0), FPAGE_RIGHTS);

	REQUIRE(!thread_id_is_nil(id));
	/* Here it is sigma0 that gives the same page back. */
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 51);
	/* What was granted is no longer ours to take away. */
	(void)L4_UnmapFpage(page_fpage(0, FPAGE_RIGHTS));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	kill(id);
}

TEST(what_a_grant_leaves_out_is_lost_to_derived_mappings_too)
{
	uint64_t got;

	*page_word(0) = 57;

	thread_id_t derived = mate_with_page(item_map_word(0), FPAGE_RIGHTS);
	thread_id_t owner = mate_with_page(item_grant_word(0), FPAGE_R);

	REQUIRE(!thread_id_is_nil(derived) && !thread_id_is_nil(owner));
	CHECK(!msgtag_failed(ask(derived, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 57);
	CHECK(msgtag_failed(ask(derived, POKE, WINDOW, 58, &got)));
	kill(owner);
	kill(derived);
}

/* The rest stays, in small pages, and can be mapped on untouched. */
TEST(a_part_of_a_large_page_is_granted_alone)
{
	thread_id_t id = mate_start();
	volatile uint64_t *granted = (volatile uint64_t *)(LARGE_PAGE + 0x5000);
	volatile uint64_t *kept = (volatile uint64_t *)(LARGE_PAGE + 0x6000);
	uint64_t got = 0;

	REQUIRE(!fpage_is_nil(L4_Sigma0_GetPage(THREAD_SIGMA0,
		fpage_make(LARGE_PAGE, LARGE_PAGE_LOG2, FPAGE_RIGHTS))));
	*granted = 55;
	*kept = 66;
	(void)ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN, &got);
	CHECK(!msgtag_failed(give(id, item_grant_word(0),
		fpage_make((uint64_t)granted, FPAGE_LOG2_MIN, FPAGE_RIGHTS))));
	(void)ask(id, PEEK, WINDOW, 0, &got);
	CHECK_EQ(got, 55);
	(void)L4_FlushFpage(
		fpage_make((uint64_t)granted, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
	(void)ask(id, PEEK, WINDOW, 0, &got);
	CHECK_EQ(got, 55);

	(void)ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN, &got);
	CHECK(!msgtag_failed(give(id, item_map_word(0),
		fpage_make((uint64_t)kept, FPAGE_LOG2_MIN, FPAGE_R))));
	(void)ask(id, PEEK, WINDOW, 0, &got);
	CHECK_EQ(got, 66);
	(void)L4_FlushFpage(
		fpage_make(LARGE_PAGE, LARGE_PAGE_LOG2, FPAGE_RIGHTS));
	CHECK(msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	kill(id);
}

TEST(unmap_tells_whether_a_page_was_read_or_written)
{
	uint64_t got;
	thread_id_t id = mate_with_page(item_map_word(0), FPAGE_RIGHTS);

	(void)L4_GetStatus(page_fpage(0, 0));
	CHECK_EQ(L4_GetStatus(page_fpage(0, 0)).raw & FPAGE_RIGHTS, 0);
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(L4_GetStatus(page_fpage(0, 0)).raw & FPAGE_REFERENCED,
		FPAGE_REFERENCED);
	CHECK_EQ(L4_GetStatus(page_fpage(0, 0)).raw & FPAGE_WRITTEN, 0);
	CHECK(!msgtag_failed(ask(id, POKE, WINDOW, 1, &got)));
	CHECK_EQ(L4_GetStatus(page_fpage(0, 0)).raw & FPAGE_WRITTEN,
		FPAGE_WRITTEN);
	CHECK_EQ(L4_GetStatus(page_fpage(0, 0)).raw & FPAGE_WRITTEN, 0);
	kill(id);
}

TEST(the_send_base_says_where_in_a_larger_window)
{
	uint64_t got;
	thread_id_t id = mate_start();

	*page_word(0) = 61;
	CHECK(!msgtag_failed(
		ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN + 2, &got)));
	CHECK(!msgtag_failed(give(id, item_map_word(3 * PAGE_SIZE),
		page_fpage(0, FPAGE_RIGHTS))));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW + 3 * PAGE_SIZE, 0, &got)));
	CHECK_EQ(got, 61);
	kill(id);
}

TEST(several_pages_are_one_fpage)
{
	uint64_t got;
	thread_id_t id = mate_start();

	*page_word(0) = 71;
	*page_word(1) = 72;
	CHECK(!msgtag_failed(
		ask(id, ACCEPT, WINDOW, FPAGE_LOG2_MIN + 1, &got)));
	CHECK(!msgtag_failed(give(id, item_map_word(0),
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN + 1, FPAGE_RIGHTS))));
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW, 0, &got)));
	CHECK_EQ(got, 71);
	CHECK(!msgtag_failed(ask(id, PEEK, WINDOW + PAGE_SIZE, 0, &got)));
	CHECK_EQ(got, 72);
	kill(id);
}

TAP_MAIN(CASE(a_mapped_page_is_the_same_memory),
	CASE(an_item_that_no_window_is_open_for_overflows),
	CASE(an_unmapped_page_is_gone_from_the_receiver_only),
	CASE(a_space_in_place_of_another_has_none_of_its_pages),
	CASE(a_page_mapped_without_write_cannot_be_written),
	CASE(write_can_be_revoked_alone), CASE(mapping_on_gains_no_right),
	CASE(a_granted_page_has_moved),
	CASE(what_a_grant_leaves_out_is_lost_to_derived_mappings_too),
	CASE(a_part_of_a_large_page_is_granted_alone),
	CASE(unmap_tells_whether_a_page_was_read_or_written),
	CASE(the_send_base_says_where_in_a_larger_window),
	CASE(several_pages_are_one_fpage))
