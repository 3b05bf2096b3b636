/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in another thread's name.
 * Source: L4 X.2 Reference Manual, "IPC" (propagation), "Thread Control
 * Registers" (VirtualSender, ActualSender).
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 100000

static thread_id_t tester, virtual_sender, deputy;
static volatile uint64_t code, from_seen;

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void send_in_its_name(void *arg)
{
	(void)arg;
	L4_Set_VirtualSender(virtual_sender);
	L4_Set_MsgTag(
		(L4_MsgTag_t){msgtag_make(1, 1, 0).raw | MSGTAG_PROPAGATED});
	L4_LoadMR(1, 7);
	code = msgtag_failed(L4_Send(tester)) ? L4_ErrorCode() : 0;
	rest(NULL);
}

static void call_deputy(void *arg)
{
	L4_ThreadId_t from = THREAD_NIL;

	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Ipc(deputy, deputy, TIMEOUTS(L4_Never, L4_Never), &from);
	from_seen = from.raw;
	rest(NULL);
}

/* Passes one message on to the tester. */
static void pass_on(void *arg)
{
	L4_ThreadId_t from;

	(void)L4_Wait(&from);
	virtual_sender = from;
	send_in_its_name(arg);
}

static L4_MsgTag_t receive(L4_ThreadId_t from, L4_ThreadId_t *sender)
{
	return L4_Ipc(L4_nilthread, from,
		TIMEOUTS(L4_Never, L4_TimePeriod(TIMEOUT_US)), sender);
}

static void check_propagated(L4_MsgTag_t tag, thread_id_t from)
{
	uint64_t word;

	L4_StoreMR(1, &word);
	CHECK_EQ(tag.raw, msgtag_make(1, 1, 0).raw | MSGTAG_PROPAGATED);
	CHECK_EQ(word, 7);
	CHECK_EQ(L4_GlobalIdOf(from).raw, L4_GlobalIdOf(virtual_sender).raw);
	CHECK_EQ(L4_GlobalIdOf(L4_ActualSender()).raw, deputy.raw);
}

TEST(within_a_space_a_thread_may_speak_for_another)
{
	L4_ThreadId_t from;

	tester = L4_MyGlobalId();
	virtual_sender = spawn(rest, NULL);
	deputy = spawn(send_in_its_name, NULL);
	check_propagated(receive(L4_anythread, &from), from);
	kill(deputy);

	/* It may name it by its local id, too. */
	virtual_sender = L4_LocalIdOf(virtual_sender);
	deputy = spawn(send_in_its_name, NULL);
	check_propagated(receive(L4_anythread, &from), from);
	kill(deputy);
	kill(L4_GlobalIdOf(virtual_sender));
}

TEST(a_closed_receiver_takes_it_by_either_name)
{
	L4_ThreadId_t from;

	tester = L4_MyGlobalId();
	virtual_sender = spawn(rest, NULL);
	deputy = spawn(send_in_its_name, NULL);
	check_propagated(receive(virtual_sender, &from), from);
	kill(deputy);

	/* And one that is queued already. */
	deputy = spawn(send_in_its_name, NULL);
	settle();
	check_propagated(receive(virtual_sender, &from), from);
	kill(deputy);
	deputy = spawn(send_in_its_name, NULL);
	settle();
	check_propagated(receive(deputy, &from), from);
	kill(deputy);
	kill(virtual_sender);
}

TEST(from_another_space_it_may_speak_for_the_receivers_neighbours_only)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	/* Sender and receiver in different spaces: neither case holds. */
	tester = L4_MyGlobalId();
	virtual_sender = spawn(rest, NULL);
	deputy = spawn_in_new_space(send_in_its_name, NULL);
	tag = receive(L4_anythread, &from);
	CHECK_EQ(tag.raw, msgtag_make(1, 1, 0).raw);
	CHECK_EQ(from.raw, deputy.raw);
	kill(deputy);
	kill(virtual_sender);

	/* Sender and receiver in one: any virtual sender will do. */
	virtual_sender = spawn_in_new_space(rest, NULL);
	deputy = spawn(send_in_its_name, NULL);
	tag = receive(L4_anythread, &from);
	check_propagated(tag, from);
	CHECK_EQ(from.raw, virtual_sender.raw);
	kill(deputy);
	kill(virtual_sender);
}

TEST(nobody_speaks_for_a_thread_that_does_not_exist)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	tester = L4_MyGlobalId();
	virtual_sender = (thread_id_t){UINT64_C(0x1000000000001)};
	deputy = spawn(send_in_its_name, NULL);
	tag = receive(L4_anythread, &from);
	CHECK_EQ(tag.raw, msgtag_make(1, 1, 0).raw);
	CHECK_EQ(L4_GlobalIdOf(from).raw, deputy.raw);
	kill(deputy);
}

TEST(a_virtual_sender_that_waits_for_the_deputy_waits_for_the_receiver)
{
	L4_ThreadId_t from, client;

	tester = L4_MyGlobalId();
	from_seen = 0;
	deputy = spawn(pass_on, NULL);
	settle();
	client = spawn(call_deputy, NULL);
	check_propagated(receive(L4_anythread, &from), from);
	CHECK_EQ(L4_GlobalIdOf(from).raw, client.raw);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(from, L4_ZeroTime)));
	settle();
	CHECK_EQ(from_seen, L4_MyLocalId().raw);
	kill(client);
	kill(deputy);
}

TAP_MAIN(CASE(within_a_space_a_thread_may_speak_for_another),
	CASE(a_closed_receiver_takes_it_by_either_name),
	CASE(from_another_space_it_may_speak_for_the_receivers_neighbours_only),
	CASE(nobody_speaks_for_a_thread_that_does_not_exist),
	CASE(a_virtual_sender_that_waits_for_the_deputy_waits_for_the_receiver))
