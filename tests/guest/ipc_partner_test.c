/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may send to whom, and under which id a receiver knows its partner.
 * Source: L4 X.2 Reference Manual, "IPC", "ThreadId".
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

static thread_id_t tester;

/* Calls the tester with the words at @arg, for ever. */
static void call_tester(void *arg)
{
	for (;;) {
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, (uint64_t)arg);
		(void)L4_Call(tester);
	}
}

static uint64_t first_word(void)
{
	uint64_t word;

	L4_StoreMR(1, &word);
	return word;
}

TEST(a_closed_receive_takes_only_its_partner)
{
	tester = L4_MyGlobalId();

	thread_id_t other = spawn(call_tester, (void *)1);

	settle();

	thread_id_t partner = spawn(call_tester, (void *)2);

	settle();
	CHECK(!msgtag_failed(L4_Receive_Timeout(partner, L4_ZeroTime)));
	CHECK_EQ(first_word(), 2);
	CHECK(msgtag_failed(L4_Receive_Timeout(partner, L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
	CHECK(!msgtag_failed(L4_Receive_Timeout(other, L4_ZeroTime)));
	CHECK_EQ(first_word(), 1);
	kill(other);
	kill(partner);
}

TEST(an_open_receive_takes_senders_in_their_order)
{
	L4_ThreadId_t from;
	thread_id_t sender[3];

	tester = L4_MyGlobalId();
	for (uint64_t i = 0; i < 3; i++) {
		sender[i] = spawn(call_tester, (void *)i);
		settle();
	}
	for (uint64_t i = 0; i < 3; i++) {
		CHECK(!msgtag_failed(L4_Wait_Timeout(L4_ZeroTime, &from)));
		CHECK_EQ(first_word(), i);
	}
	for (unsigned i = 0; i < 3; i++)
		kill(sender[i]);
}

TEST(a_sender_of_the_same_space_appears_by_its_local_id)
{
	L4_ThreadId_t from;

	tester = L4_MyGlobalId();

	thread_id_t sender = spawn(call_tester, NULL);

	CHECK(!msgtag_failed(L4_Wait(&from)));
	CHECK(thread_id_is_local(from));
	CHECK_EQ(L4_GlobalIdOf(from).raw, sender.raw);
	CHECK_EQ(L4_LocalIdOf(sender).raw, from.raw);
	kill(sender);
}

TEST(a_sender_of_another_space_appears_by_its_global_id)
{
	L4_ThreadId_t from;

	tester = L4_MyGlobalId();

	thread_id_t sender = spawn_in_new_space(call_tester, NULL);

	CHECK(!msgtag_failed(L4_Wait(&from)));
	CHECK_EQ(from.raw, sender.raw);
	kill(sender);
}

TEST(a_local_id_is_a_destination)
{
	L4_ThreadId_t from;

	tester = L4_MyLocalId();

	thread_id_t sender = spawn(call_tester, (void *)7);

	CHECK(!msgtag_failed(L4_Wait(&from)));
	CHECK_EQ(first_word(), 7);
	/* A reply and a closed wait, both by local id. */
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Call(L4_LocalIdOf(sender))));
	CHECK_EQ(first_word(), 7);
	kill(sender);
}

TEST(any_local_thread_is_one_of_the_same_space)
{
	L4_ThreadId_t from;

	tester = L4_MyGlobalId();

	thread_id_t foreign = spawn_in_new_space(call_tester, (void *)1);

	settle();
	CHECK(msgtag_failed(
		L4_Receive_Timeout(L4_anylocalthread, L4_ZeroTime)));

	thread_id_t local = spawn(call_tester, (void *)2);

	settle();
	CHECK(!msgtag_failed(L4_Ipc(L4_nilthread, L4_anylocalthread,
		TIMEOUTS(L4_ZeroTime, L4_ZeroTime), &from)));
	CHECK_EQ(first_word(), 2);
	kill(local);
	kill(foreign);
}

TAP_MAIN(CASE(a_closed_receive_takes_only_its_partner),
	CASE(an_open_receive_takes_senders_in_their_order),
	CASE(a_sender_of_the_same_space_appears_by_its_local_id),
	CASE(a_sender_of_another_space_appears_by_its_global_id),
	CASE(a_local_id_is_a_destination),
	CASE(any_local_thread_is_one_of_the_same_space))
