/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confined spaces: what their threads send elsewhere goes to a redirector,
 * which may pass it on in their name.
 * Source: L4 X.2 Reference Manual, "SpaceControl" (redirector), "IPC".
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 100000
#define LABEL 0x77
#define NOTHING 99

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t tester, target;
static uint64_t timeouts;

/* What the client saw: it shares the memory. */
static volatile uint64_t client_code, client_from;

/* And the server. */
static volatile uint64_t server_tag, server_from, server_actual;

static void rest(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

static void call_target(void *arg)
{
	L4_ThreadId_t from = THREAD_NIL;
	L4_MsgTag_t tag;

	/* No page fault later on: that would be redirected, too. */
	(void)arg;
	client_code = NOTHING;
	client_from = NOTHING;
	image_touch();
	(void)L4_Receive(tester);
	L4_Set_MsgTag(msgtag_make(LABEL, 1, 0));
	L4_LoadMR(1, 5);
	tag = L4_Ipc(target, target, timeouts, &from);
	client_code = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	client_from = from.raw;
	rest();
}

static void touch_page(void *arg)
{
	(void)arg;
	(void)L4_Receive(tester);
	page[8]++;
	client_code = 0;
	rest();
}

static void answer_one(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)arg;
	server_tag = tag.raw;
	server_from = from.raw;
	server_actual = L4_ActualSender().raw;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send_Timeout(from, L4_ZeroTime);
	rest();
}

/* Passes one message on to where it was meant to go. */
static void pass_one_on(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	(void)arg;
	image_touch();
	tag = L4_Wait(&from);
	L4_Set_VirtualSender(from);
	L4_Set_MsgTag(
		(L4_MsgTag_t){(tag.raw & ~MSGTAG_FLAGS) | MSGTAG_PROPAGATED});
	(void)L4_Send((thread_id_t){l4_utcb()->intended_receiver});
	rest();
}

/* Tries to pass one message on to where nobody can be reached, and answers. */
static thread_id_t outside;
static void fail_and_answer(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	image_touch();
	(void)L4_Wait(&from);
	L4_Set_VirtualSender(from);
	L4_Set_MsgTag((L4_MsgTag_t){
		msgtag_make(LABEL, 0, 0).raw | MSGTAG_PROPAGATED});
	server_tag = L4_Send(outside).raw;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send_Timeout(from, L4_ZeroTime);
	rest();
}

static uint64_t set_redirector(thread_id_t space, thread_id_t redirector)
{
	uint64_t old;

	return L4_SpaceControl(space, 0,
		fpage_make(KIP_BASE, FPAGE_LOG2_MIN, FPAGE_RIGHTS),
		fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_RIGHTS),
		redirector, &old);
}

static void go(thread_id_t id)
{
	client_code = NOTHING;
	client_from = NOTHING;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_TimePeriod(TIMEOUT_US))));
}

/* A thread in a space of its own that is confined, and was told to go on. */
static thread_id_t confined(void (*entry)(void *), thread_id_t redirector)
{
	thread_id_t id;

	tester = L4_MyGlobalId();
	timeouts = TIMEOUTS(L4_Never, L4_Never);
	id = spawn_in_new_space(entry, NULL);
	CHECK(!thread_id_is_nil(id));
	settle();
	CHECK(set_redirector(id, redirector) != 0);
	go(id);
	return id;
}

static thread_id_t server(void)
{
	server_tag = NOTHING;
	target = spawn_in_new_space(answer_one, NULL);
	CHECK(!thread_id_is_nil(target));
	settle();
	return target;
}

/* The next message is @id's and was to go to @wanted. */
static void check_redirected(thread_id_t id, uint64_t flags, uint64_t wanted)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait_Timeout(L4_TimePeriod(TIMEOUT_US), &from);
	uint64_t word;

	L4_StoreMR(1, &word);
	CHECK_EQ(tag.raw, msgtag_make(LABEL, 1, 0).raw | flags);
	CHECK_EQ(word, 5);
	CHECK_EQ(from.raw, id.raw);
	CHECK_EQ(l4_utcb()->intended_receiver, wanted);
}

static void pass_on(thread_id_t from, thread_id_t to)
{
	L4_Set_VirtualSender(from);
	L4_Set_MsgTag((L4_MsgTag_t){
		msgtag_make(LABEL, 1, 0).raw | MSGTAG_PROPAGATED});
	CHECK(!msgtag_failed(L4_Send_Timeout(to, L4_TimePeriod(TIMEOUT_US))));
}

TEST(a_message_out_of_the_space_goes_to_the_redirector)
{
	thread_id_t s = server();
	thread_id_t id = confined(call_target, L4_MyGlobalId());

	check_redirected(id, MSGTAG_REDIRECTED, s.raw);
	settle();
	CHECK_EQ(server_tag, NOTHING);
	CHECK_EQ(client_code, NOTHING);

	/* Passed on, it comes from the client, and the answer goes to it. */
	pass_on(id, s);
	settle();
	CHECK_EQ(server_tag, msgtag_make(LABEL, 1, 0).raw | MSGTAG_PROPAGATED);
	CHECK_EQ(server_from, id.raw);
	CHECK_EQ(server_actual, tester.raw);
	CHECK_EQ(client_code, 0);
	CHECK_EQ(client_from, s.raw);
	kill(id);
	kill(s);
}

TEST(the_redirector_may_answer_itself)
{
	thread_id_t s = server();
	thread_id_t id = confined(call_target, L4_MyGlobalId());

	check_redirected(id, MSGTAG_REDIRECTED, s.raw);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	settle();
	CHECK_EQ(client_code, 0);
	CHECK_EQ(client_from, tester.raw);
	kill(id);
	kill(s);
}

/* A thread in the client's space, which it joins. */
static thread_id_t neighbour(thread_id_t of, void (*entry)(void *))
{
	uint64_t unused;
	thread_id_t id = root_thread_reserve(&unused);

	CHECK(L4_ThreadControl(id, of, L4_MyGlobalId(), L4_MyGlobalId(),
		      UTCB_AREA_BASE + UTCB_SIZE) != 0);
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, stack_top(entry, NULL));
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));

	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER,
		.pager = pager_thread().raw,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	return id;
}

TEST(not_within_the_space)
{
	thread_id_t id, n;

	tester = L4_MyGlobalId();
	timeouts = TIMEOUTS(L4_Never, L4_Never);
	id = spawn_in_new_space(call_target, NULL);
	CHECK(set_redirector(id, tester) != 0);
	n = neighbour(id, answer_one);
	target = n;
	settle();
	go(id);
	settle();
	CHECK_EQ(server_tag, msgtag_make(LABEL, 1, 0).raw);
	CHECK(thread_id_is_local((thread_id_t){server_from}));
	CHECK_EQ(client_code, 0);
	kill(n);
	kill(id);
}

TEST(not_to_the_redirectors_space)
{
	thread_id_t helper = spawn(answer_one, NULL), id;

	settle();
	target = helper;
	id = confined(call_target, L4_MyGlobalId());
	settle();
	CHECK_EQ(server_tag, msgtag_make(LABEL, 1, 0).raw);
	CHECK_EQ(server_from, id.raw);
	CHECK_EQ(client_code, 0);
	kill(helper);
	kill(id);
}

TEST(anythread_ends_it_and_nil_changes_nothing)
{
	thread_id_t s = server();
	thread_id_t id = spawn_in_new_space(call_target, NULL);

	CHECK(set_redirector(id, tester) != 0);
	CHECK(set_redirector(id, THREAD_NIL) != 0);
	go(id);
	check_redirected(id, MSGTAG_REDIRECTED, s.raw);
	kill(id);

	id = confined(call_target, THREAD_ANY);
	settle();
	CHECK_EQ(server_tag, msgtag_make(LABEL, 1, 0).raw);
	CHECK_EQ(client_code, 0);
	kill(id);
	kill(s);
}

TEST(a_redirector_must_exist)
{
	thread_id_t id = spawn_in_new_space(call_target, NULL);
	thread_id_t nobody = {UINT64_C(0x1000000000001)};

	CHECK_EQ(set_redirector(id, nobody), 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
	CHECK_EQ(set_redirector(id, L4_anylocalthread), 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
	kill(id);
}

TEST(without_its_redirector_nothing_leaves_the_space)
{
	thread_id_t s = server();
	thread_id_t redirector = spawn_in_new_space(pass_one_on, NULL);
	thread_id_t id = spawn_in_new_space(call_target, NULL);

	settle();
	CHECK(set_redirector(id, redirector) != 0);
	kill(redirector);
	go(id);
	settle();
	CHECK_EQ(client_code, IPC_SEND_NO_PARTNER);
	CHECK_EQ(server_tag, NOTHING);
	kill(id);
	kill(s);
}

TEST(nobody_waits_for_a_redirector_that_is_not_there)
{
	thread_id_t redirector = spawn_in_new_space(pass_one_on, NULL);
	thread_id_t id, n;

	outside = server();
	timeouts = TIMEOUTS(L4_Never, L4_Never);
	id = spawn_in_new_space(call_target, NULL);
	n = target = neighbour(id, fail_and_answer);
	settle();
	CHECK(set_redirector(id, redirector) != 0);
	kill(redirector);
	go(id);
	settle();
	CHECK(server_tag & MSGTAG_ERROR);
	CHECK_EQ(client_code, 0);
	kill(n);
	kill(id);
	kill(outside);
}

TEST(a_redirector_that_is_busy_is_waited_for)
{
	thread_id_t s = server();
	thread_id_t id = spawn_in_new_space(call_target, NULL);

	CHECK(set_redirector(id, tester) != 0);
	timeouts = TIMEOUTS(L4_ZeroTime, L4_Never);
	go(id);
	settle();
	CHECK_EQ(client_code, IPC_SEND_TIMEOUT);
	kill(id);

	id = confined(call_target, tester);
	settle();
	CHECK_EQ(client_code, NOTHING);
	check_redirected(id, MSGTAG_REDIRECTED, s.raw);
	kill(id);
	kill(s);
}

TEST(a_message_for_another_domain_is_redirected_too)
{
	thread_id_t id;

	target = (thread_id_t){UINT64_C(1) << 63 | UINT64_C(5) << 32 | 1};
	id = confined(call_target, L4_MyGlobalId());
	check_redirected(id, MSGTAG_REDIRECTED, target.raw);
	kill(id);
}

TEST(what_does_not_exist_is_no_partner)
{
	thread_id_t id;

	target = (thread_id_t){UINT64_C(0x1000000000001)};
	id = confined(call_target, L4_MyGlobalId());
	settle();
	CHECK_EQ(client_code, IPC_SEND_NO_PARTNER);
	kill(id);
}

TEST(page_faults_are_messages_like_others)
{
	thread_id_t s = server();
	thread_id_t id = spawn_in_new_space(touch_page, NULL);
	L4_ThreadId_t from;
	L4_MsgTag_t tag;
	uint64_t address;

	page[0] = 1;
	settle();
	CHECK(set_redirector(id, tester) != 0);
	CHECK(L4_ThreadControl(id, id, THREAD_NIL, s, UTCB_LOCATION_NONE) != 0);
	go(id);
	tag = L4_Wait_Timeout(L4_TimePeriod(TIMEOUT_US), &from);
	L4_StoreMR(1, &address);
	CHECK_EQ(msgtag_label(tag) & ~PROTOCOL_DETAIL_MASK, PROTOCOL_PAGEFAULT);
	CHECK(tag.raw & MSGTAG_REDIRECTED);
	CHECK_EQ(from.raw, id.raw);
	CHECK_EQ(l4_utcb()->intended_receiver, s.raw);
	for (unsigned i = 0; i < 8 && client_code == NOTHING; i++) {
		address &= ~(uint64_t)(PAGE_SIZE - 1);
		(void)*(volatile char *)address;
		L4_Set_MsgTag(msgtag_make(0, 0, 2));
		L4_LoadMR(1, item_map_word(address));
		L4_LoadMR(2,
			fpage_make(address, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
		(void)L4_Call_Timeouts(
			id, L4_ZeroTime, L4_TimePeriod(TIMEOUT_US));
		L4_StoreMR(1, &address);
	}
	CHECK_EQ(client_code, 0);
	kill(id);
	kill(s);
}

TEST(redirectors_form_a_chain)
{
	thread_id_t s = server();
	thread_id_t first = spawn_in_new_space(pass_one_on, NULL), id;

	tester = L4_MyGlobalId();
	settle();
	CHECK(set_redirector(first, tester) != 0);
	id = confined(call_target, first);
	check_redirected(id, MSGTAG_REDIRECTED | MSGTAG_PROPAGATED, s.raw);
	CHECK_EQ(L4_ActualSender().raw, first.raw);
	pass_on(id, s);
	settle();
	CHECK_EQ(server_from, id.raw);
	CHECK_EQ(server_actual, tester.raw);
	CHECK_EQ(client_code, 0);
	CHECK_EQ(client_from, s.raw);
	kill(id);
	kill(first);
	kill(s);
}

TAP_MAIN(CASE(a_message_out_of_the_space_goes_to_the_redirector),
	CASE(the_redirector_may_answer_itself), CASE(not_within_the_space),
	CASE(not_to_the_redirectors_space),
	CASE(anythread_ends_it_and_nil_changes_nothing),
	CASE(a_redirector_must_exist),
	CASE(without_its_redirector_nothing_leaves_the_space),
	CASE(nobody_waits_for_a_redirector_that_is_not_there),
	CASE(a_redirector_that_is_busy_is_waited_for),
	CASE(a_message_for_another_domain_is_redirected_too),
	CASE(what_does_not_exist_is_no_partner),
	CASE(page_faults_are_messages_like_others),
	CASE(redirectors_form_a_chain))
