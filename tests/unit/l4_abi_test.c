/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The value types of the L4 ABI: fpages, tags, times, thread ids.
 * Source: L4 X.2 Reference Manual.
 */
#include <stdlib.h>

#include "guestkernel/abi/error.h"
#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/ipc.h"
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/time.h"
#include "tests/tap.h"

TEST(fpages_of_bad_arguments_are_nil)
{
	CHECK(fpage_is_nil(fpage_make(0x1000, 11, FPAGE_R)));
	CHECK(fpage_is_nil(fpage_make(0, 48, FPAGE_R)));
	CHECK(fpage_is_nil(fpage_make(0x1000, 13, FPAGE_R)));
	CHECK(fpage_is_nil(fpage_make(0x1000, 12, 8)));
	CHECK(!fpage_is_nil(fpage_make(0x1000, 12, FPAGE_R)));
}

TEST(bits_of_the_base_below_the_size_do_not_count)
{
	fpage_t fp = {UINT64_C(0x12345400) | 16 << 4 | FPAGE_RIGHTS};

	CHECK_EQ(fpage_base(fp), 0x12340000);
	CHECK_EQ(fpage_size(fp), 0x10000);
	CHECK(fpage_is_complete(FPAGE_COMPLETE));
	CHECK(!fpage_is_valid(FPAGE_COMPLETE));
}

TEST(tags_hold_their_parts)
{
	msgtag_t tag = msgtag_make(PROTOCOL_PAGEFAULT | FPAGE_R, 2, 0);

	CHECK_EQ(tag.raw, UINT64_C(0xffffffffffe40002));
	CHECK_EQ(msgtag_make(PROTOCOL_INTERRUPT, 0, 0).raw,
		UINT64_C(0xfffffffffff00000));
	CHECK_EQ(msgtag_make(PROTOCOL_SIGMA0, 2, 0).raw,
		UINT64_C(0xffffffffffa00002));
	CHECK_EQ(msgtag_typed(msgtag_make(1, 63, 63)), 63);
	CHECK_EQ(msgtag_label(tag), PROTOCOL_PAGEFAULT | FPAGE_R);
}

TEST(periods_are_never_shorter_than_asked)
{
	srand(1);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t us = (uint64_t)rand() << (rand() % 10);
		l4_time_t t = time_period(us);

		CHECK(!time_is_point(t));
		if (us == 0)
			CHECK(time_is_zero(t));
		else
			CHECK(time_period_us(t) >= us &&
				time_period_us(t) <= us + us / 512 + 1);
	}
	CHECK(time_is_never(time_period(UINT64_MAX)));
}

TEST(points_mean_the_time_they_were_made_from)
{
	srand(1);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t now = (uint64_t)rand() << 20 ^ (uint64_t)rand();
		uint64_t at = now + 1 + (uint64_t)rand() % 30000000;
		l4_time_t t = time_point(at, now);

		CHECK(time_is_point(t));
		CHECK(time_point_us(t, now) >= at);
		CHECK(time_point_us(t, now) <= at + 65536);
	}
	CHECK(time_is_never(time_point(UINT64_C(1) << 40, 0)));
}

TEST(thread_ids_are_of_one_kind)
{
	const thread_id_t global = thread_id_global(57, 1);
	const thread_id_t local = {0xbf000200};
	const thread_id_t remote = {UINT64_C(0x8000000100000001)};

	CHECK(thread_id_is_global(global) && !thread_id_is_local(global));
	CHECK(thread_id_is_local(local) && !thread_id_is_global(local));
	CHECK(thread_id_is_remote(remote) && !thread_id_is_remote(global));
	CHECK(!thread_id_is_local(THREAD_NIL));
	CHECK(!thread_id_is_local(THREAD_ANY_LOCAL));
	CHECK(!thread_id_is_global(THREAD_ANY));
	CHECK(!thread_id_is_remote(THREAD_ANY));
	CHECK_EQ(thread_id_number(global), 57);
	CHECK_EQ(THREAD_ANY_LOCAL.raw, UINT64_C(0xffffffffffffffc0));
}

TEST(ipc_errors_hold_phase_reason_and_offset)
{
	CHECK_EQ(ipc_error_code(IPC_RECEIVE, IPC_CANCELLED, 0),
		IPC_RECEIVE_CANCELLED);
	CHECK_EQ(ipc_error_code(IPC_SEND, IPC_TIMEOUT, 0), IPC_SEND_TIMEOUT);
	CHECK_EQ(
		ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, 4096), 9 + 16 * 4096);
	CHECK_EQ(ipc_error_bytes(9 + 16 * 4096), 4096);
	CHECK_STR(l4_error_text(L4_UTCB_AREA), "UTCB area");
	CHECK_STR(l4_error_text(77), "unknown error");
}

TEST(items_say_their_length)
{
	CHECK_EQ(item_words(item_map_word(0x5000)), 2);
	CHECK_EQ(item_type(item_grant_word(0)), ITEM_GRANT);
	CHECK_EQ(item_type(item_thread_word(15)), ITEM_THREAD);
	CHECK_EQ(ITEM_THREAD_RIGHTS(item_thread_word(9)), 9);
	CHECK(item_is_string(item_string_word(100)));
	CHECK_EQ(item_words(item_string_word(100) | 3 << 4), 5);
	CHECK_EQ(ITEM_STRING_LENGTH(item_string_word(100)), 100);
}

TAP_MAIN(CASE(fpages_of_bad_arguments_are_nil),
	CASE(bits_of_the_base_below_the_size_do_not_count),
	CASE(tags_hold_their_parts), CASE(periods_are_never_shorter_than_asked),
	CASE(points_mean_the_time_they_were_made_from),
	CASE(thread_ids_are_of_one_kind),
	CASE(ipc_errors_hold_phase_reason_and_offset),
	CASE(items_say_their_length))
