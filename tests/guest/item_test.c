/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items that cannot be transferred: "message overflow", for both partners.
 * Source: L4 X.2 Reference Manual, "IPC", "StringItem".
 */
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

static volatile uint64_t receiver_code;
static char text[16];

static void receive_all(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;) {
		L4_Accept(ACCEPT_STRINGS);
		receiver_code =
			msgtag_failed(L4_Wait(&from)) ? L4_ErrorCode() : 0;
	}
}

static uint64_t send_items(thread_id_t to, uint64_t first, uint64_t second)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 2));
	L4_LoadMR(1, 1);
	L4_LoadMR(2, first);
	L4_LoadMR(3, second);
	receiver_code = 99;

	uint64_t code = msgtag_failed(L4_Send(to)) ? L4_ErrorCode() : 0;

	settle();
	return code;
}

static void check_overflow(uint64_t first, uint64_t second)
{
	thread_id_t receiver = spawn(receive_all, NULL);

	CHECK_EQ(send_items(receiver, first, second), IPC_SEND_OVERFLOW);
	CHECK_EQ(receiver_code, IPC_RECEIVE_OVERFLOW);
	/* Both go on. */
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send(receiver)));
	kill(receiver);
}

TEST(a_string_overflows)
{
	check_overflow(item_string_word(sizeof(text)), (uint64_t)text);
}

TEST(an_item_of_unknown_type_overflows)
{
	check_overflow(UINT64_C(0xc), 0);
}

TEST(a_map_item_without_a_window_overflows)
{
	check_overflow(item_map_word(0),
		fpage_make(0x1000, FPAGE_LOG2_MIN, FPAGE_R).raw);
}

TEST(a_thread_item_is_copied_in_a_domain)
{
	thread_id_t receiver = spawn(receive_all, NULL);

	CHECK_EQ(send_items(receiver, item_thread_word(1), L4_MyGlobalId().raw),
		0);
	CHECK_EQ(receiver_code, 0);
	kill(receiver);
}

TEST(more_words_than_registers_overflow)
{
	thread_id_t receiver = spawn(receive_all, NULL);

	L4_Set_MsgTag(msgtag_make(0, 62, 4));
	CHECK(msgtag_failed(L4_Send(receiver)));
	CHECK_EQ(ipc_error_of(L4_ErrorCode()), IPC_OVERFLOW);
	kill(receiver);
}

TAP_MAIN(CASE(a_string_overflows), CASE(an_item_of_unknown_type_overflows),
	CASE(a_map_item_without_a_window_overflows),
	CASE(a_thread_item_is_copied_in_a_domain),
	CASE(more_words_than_registers_overflow))
