/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in the tag after an Ipc, and how a thread starts.
 * Source: L4 X.2 Reference Manual, "IPC" (output), "Thread Start Protocol".
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define LABEL UINT64_C(0xabcdef012345)

static const thread_id_t nobody = {UINT64_C(0x1000000000001)};
static thread_id_t tester;
static volatile uint64_t tag_seen, code_seen;
static uint64_t tag_sent;

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void note(L4_MsgTag_t tag)
{
	tag_seen = tag.raw;
	code_seen = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	rest(NULL);
}

static void receive(void *arg)
{
	(void)arg;
	note(L4_Receive(tester));
}

static void send(void *arg)
{
	(void)arg;
	L4_Set_MsgTag((L4_MsgTag_t){tag_sent});
	note(L4_Send(tester));
}

static thread_id_t spawn_settled(void (*entry)(void *))
{
	thread_id_t id;

	tester = L4_MyGlobalId();
	tag_seen = 99;
	id = spawn(entry, NULL);
	settle();
	return id;
}

/* By the short way (a call) and by the long one (a send). */
TEST(the_receiver_gets_label_and_counts_and_no_flags)
{
	const uint64_t flags =
		MSGTAG_REDIRECTED | MSGTAG_CROSS_CPU | MSGTAG_ERROR;

	for (unsigned call = 0; call < 2; call++) {
		L4_MsgTag_t tag = {msgtag_make(LABEL, 3, 0).raw | flags};
		thread_id_t id = spawn_settled(receive);

		L4_Set_MsgTag(tag);
		if (call)
			(void)L4_Call_Timeouts(
				id, L4_Never, L4_TimePeriod(1000));
		else
			(void)L4_Send(id);
		settle();
		CHECK_EQ(tag_seen, msgtag_make(LABEL, 3, 0).raw);
		kill(id);
	}
}

TEST(a_sender_keeps_its_tag_but_for_a_stale_error)
{
	thread_id_t id = spawn_settled(receive);
	L4_MsgTag_t tag = msgtag_make(LABEL, 2, 0);

	L4_Set_MsgTag((L4_MsgTag_t){tag.raw | MSGTAG_ERROR});
	CHECK_EQ(L4_Send(id).raw, tag.raw);
	kill(id);

	/* Queued, and taken later. */
	tag_sent = tag.raw | MSGTAG_ERROR;
	id = spawn_settled(send);
	CHECK(!msgtag_failed(L4_Receive_Timeout(id, L4_ZeroTime)));
	settle();
	CHECK_EQ(tag_seen, tag.raw);
	kill(id);
}

TEST(an_error_before_the_transfer_sets_one_bit)
{
	L4_ThreadId_t from;
	thread_id_t busy = spawn_settled(rest);

	L4_Set_MsgTag(msgtag_make(LABEL, 1, 0));
	CHECK(msgtag_failed(L4_Send(nobody)));
	CHECK(msgtag_failed(L4_Send_Timeout(busy, L4_ZeroTime)));
	L4_Set_MsgTag(msgtag_make(LABEL, 1, 0));
	CHECK_EQ(L4_Receive(nobody).raw, MSGTAG_ERROR);
	CHECK_EQ(L4_Wait_Timeout(L4_ZeroTime, &from).raw, MSGTAG_ERROR);
	CHECK_EQ(L4_Wait_Timeout(L4_TimePeriod(1000), &from).raw, MSGTAG_ERROR);
	kill(busy);
}

TEST(an_error_in_the_transfer_shows_on_both_sides)
{
	thread_id_t id = spawn_settled(receive);
	L4_MsgTag_t tag = msgtag_make(LABEL, 0, 2);

	L4_Set_MsgTag(tag);
	L4_LoadMR(1, item_map_word(0));
	L4_LoadMR(2, FPAGE_COMPLETE.raw);
	CHECK_EQ(L4_Send(id).raw, tag.raw | MSGTAG_ERROR);
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_OVERFLOW);
	settle();
	CHECK_EQ(tag_seen, tag.raw | MSGTAG_ERROR);
	CHECK_EQ(code_seen, IPC_RECEIVE_OVERFLOW);
	kill(id);
}

TEST(nothing_to_send_and_nobody_to_receive_from_does_nothing)
{
	L4_ThreadId_t from;

	L4_Set_MsgTag(msgtag_make(LABEL, 1, 0));
	CHECK_EQ(L4_Ipc(L4_nilthread, L4_nilthread, 0, &from).raw,
		msgtag_make(LABEL, 1, 0).raw);
}

TEST(to_receive_from_oneself_is_to_sleep)
{
	CHECK(msgtag_failed(
		L4_Receive_Timeout(L4_MyGlobalId(), L4_TimePeriod(1000))));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send_Timeout(L4_MyGlobalId(), L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_TIMEOUT);
}

TEST(a_wildcard_is_nobody_to_send_to)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send(L4_anythread)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
	CHECK(msgtag_failed(L4_Send(L4_anylocalthread)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

/* --- start messages --- */

static volatile uint64_t started_at;

static void first(void *arg)
{
	started_at = 1;
	rest(arg);
}

static void second(void *arg)
{
	started_at = 2;
	rest(arg);
}

TEST(a_start_message_of_two_words_sets_ip_and_sp)
{
	for (unsigned words = 0; words <= 3; words++) {
		uint64_t utcb;
		thread_id_t self = L4_MyGlobalId();
		thread_id_t id = root_thread_reserve(&utcb);
		struct l4_exregs regs = {
			.thread = id.raw,
			.control = EXREGS_SET_SP | EXREGS_SET_IP,
			.sp = stack_top(first, NULL),
			.ip = (uint64_t)thread_entry,
		};

		started_at = 0;
		CHECK(L4_ThreadControl(id, self, self, self, utcb) != 0);
		CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
		settle();
		CHECK_EQ(started_at, 0);
		L4_Set_MsgTag(msgtag_make(0, words, 0));
		L4_LoadMR(1, (uint64_t)thread_entry);
		L4_LoadMR(2, stack_top(second, NULL));
		CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
		settle();
		CHECK_EQ(started_at, words == START_WORDS ? 2 : 1);
		kill(id);
	}
}

TEST(a_start_message_has_no_items)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	CHECK(L4_ThreadControl(id, self, self, self, utcb) != 0);
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(0));
	L4_LoadMR(2, FPAGE_COMPLETE.raw);
	CHECK(msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_OVERFLOW);
	kill(id);
}

TAP_MAIN(CASE(the_receiver_gets_label_and_counts_and_no_flags),
	CASE(a_sender_keeps_its_tag_but_for_a_stale_error),
	CASE(an_error_before_the_transfer_sets_one_bit),
	CASE(an_error_in_the_transfer_shows_on_both_sides),
	CASE(nothing_to_send_and_nobody_to_receive_from_does_nothing),
	CASE(to_receive_from_oneself_is_to_sleep),
	CASE(a_wildcard_is_nobody_to_send_to),
	CASE(a_start_message_of_two_words_sets_ip_and_sp),
	CASE(a_start_message_has_no_items))
