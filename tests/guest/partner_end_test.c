/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A partner that goes away, or gets another version, while others wait for it.
 * Source: L4 X.2 Reference Manual, "IPC" (error codes), "ThreadControl".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define STILL_WAITING 99

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t partner, helper, interrupt;
static volatile uint64_t code;

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void note(L4_MsgTag_t tag)
{
	code = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	rest(NULL);
}

static void receive(void *arg)
{
	(void)arg;
	note(L4_Receive(partner));
}

static void receive_for_a_while(void *arg)
{
	(void)arg;
	note(L4_Receive_Timeout(partner, L4_TimePeriod(1000000)));
}

static void receive_interrupt(void *arg)
{
	(void)arg;
	note(L4_Receive(interrupt));
}

static void call(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	note(L4_Call(partner));
}

static void wait_for_anybody(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	note(L4_Wait(&from));
}

static void take_one_message(void *arg)
{
	L4_ThreadId_t from;

	(void)L4_Wait(&from);
	rest(arg);
}

/* The partner's number with another version. */
static thread_id_t renew(thread_id_t id)
{
	thread_id_t new = thread_id_global(
		thread_id_number(id), thread_id_version(id) + 1);

	CHECK(L4_ThreadControl(new, L4_MyGlobalId(), THREAD_NIL, THREAD_NIL,
		      UTCB_LOCATION_NONE) != 0);
	return new;
}

/* What @waiter, which waits for @of, learns when that is deleted. */
static uint64_t code_after_death(void (*of)(void *), void (*waiter)(void *))
{
	thread_id_t id;

	partner = spawn(of, NULL);
	settle();
	code = STILL_WAITING;
	id = spawn(waiter, NULL);
	settle();
	CHECK_EQ(code, STILL_WAITING);
	kill(partner);
	settle();
	kill(id);
	return code;
}

TEST(a_closed_receiver_of_a_deleted_thread_learns_it)
{
	CHECK_EQ(code_after_death(rest, receive), IPC_RECEIVE_NO_PARTNER);
	CHECK_EQ(code_after_death(rest, receive_for_a_while),
		IPC_RECEIVE_NO_PARTNER);
}

TEST(a_call_learns_it_in_its_phase)
{
	CHECK_EQ(code_after_death(rest, call), IPC_SEND_NO_PARTNER);
	CHECK_EQ(code_after_death(take_one_message, call),
		IPC_RECEIVE_NO_PARTNER);
}

TEST(an_open_receiver_goes_on_waiting)
{
	CHECK_EQ(code_after_death(rest, wait_for_anybody), STILL_WAITING);
}

TEST(another_version_is_another_partner)
{
	void (*const waiter[])(void *) = {receive, call};
	const uint64_t expected[] = {
		IPC_RECEIVE_NO_PARTNER, IPC_SEND_NO_PARTNER};

	for (unsigned i = 0; i < 2; i++) {
		partner = spawn(rest, NULL);
		settle();

		thread_id_t id = spawn(waiter[i], NULL);

		settle();
		code = STILL_WAITING;

		thread_id_t new = renew(partner);

		settle();
		CHECK_EQ(code, expected[i]);
		CHECK(msgtag_failed(L4_Receive_Timeout(partner, L4_ZeroTime)));
		CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_NO_PARTNER);
		CHECK(msgtag_failed(L4_Receive_Timeout(new, L4_ZeroTime)));
		CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
		kill(new);
		kill(id);
	}
}

TEST(another_version_ends_what_the_thread_itself_waits_for)
{
	void (*const waiter[])(void *) = {receive, call, wait_for_anybody};
	const uint64_t expected[] = {IPC_RECEIVE_CANCELLED, IPC_SEND_CANCELLED,
		IPC_RECEIVE_CANCELLED};

	partner = spawn(rest, NULL);
	settle();
	for (unsigned i = 0; i < 3; i++) {
		thread_id_t id = spawn(waiter[i], NULL);

		settle();
		code = STILL_WAITING;
		id = renew(id);
		settle();
		CHECK_EQ(code, expected[i]);
		kill(id);
	}
	kill(partner);
}

TEST(a_receiver_of_an_interrupt_learns_that_nobody_gets_it_any_more)
{
	interrupt = thread_id_interrupt(6);
	code = STILL_WAITING;
	CHECK(L4_AssociateInterrupt(interrupt, L4_MyGlobalId()) != 0);

	thread_id_t id = spawn(receive_interrupt, NULL);

	settle();
	CHECK(L4_AssociateInterrupt(interrupt, id) != 0);
	settle();
	CHECK_EQ(code, STILL_WAITING);
	CHECK(L4_DeassociateInterrupt(interrupt) != 0);
	settle();
	CHECK_EQ(code, IPC_RECEIVE_NO_PARTNER);
	kill(id);
}

/* --- pagers and handlers --- */

static void touch_page(void *arg)
{
	(void)arg;
	page[8] = 1;
	code = 1;
	rest(NULL);
}

static void raise_exception(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(partner);
	__asm__ volatile("ud2");
	rest(NULL);
}

static bool is_halted(thread_id_t id)
{
	struct l4_exregs regs = {.thread = id.raw};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	return (regs.control & EXREGS_WAS_HALTED) != 0;
}

static thread_id_t spawn_paged_by(thread_id_t pager)
{
	thread_id_t id = spawn(touch_page, NULL);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER,
		.pager = pager.raw,
	};

	page[0] = 0;
	(void)L4_FlushFpage(
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
	code = 0;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	settle();
	return id;
}

/* sigma0 gives memory to the root thread alone, so that touches it first. */
static void go_on_with_pager(thread_id_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER | EXREGS_SET_HALT,
		.pager = THREAD_SIGMA0.raw,
	};

	CHECK_EQ(code, 0);
	page[0] = 1;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	settle();
	CHECK_EQ(code, 1);
}

TEST(a_fault_without_a_pager_halts_the_thread)
{
	const thread_id_t no_pager[] = {THREAD_NIL, THREAD_ANY,
		{UINT64_C(0x1000000000001)}, {UINT64_C(0xffffffff00000001)}};

	for (unsigned i = 0; i < sizeof(no_pager) / sizeof(*no_pager); i++) {
		thread_id_t id = spawn_paged_by(no_pager[i]);

		CHECK(is_halted(id));
		go_on_with_pager(id);
		kill(id);
	}
}

TEST(a_fault_whose_pager_dies_halts_the_thread)
{
	void (*const pager[])(void *) = {rest, take_one_message};

	for (unsigned i = 0; i < 2; i++) {
		thread_id_t id;

		partner = spawn(pager[i], NULL);
		id = spawn_paged_by(partner);
		CHECK(!is_halted(id));
		kill(partner);
		settle();
		CHECK(is_halted(id));
		go_on_with_pager(id);
		kill(id);
	}
}

TEST(an_exception_whose_handler_dies_halts_the_thread)
{
	thread_id_t id;

	partner = spawn(take_one_message, NULL);
	id = spawn(raise_exception, NULL);
	settle();
	CHECK(!is_halted(id));
	kill(partner);
	settle();
	CHECK(is_halted(id));
	kill(id);
}

/* --- threads that do not run yet --- */

static thread_id_t make_unstarted(thread_id_t pager)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	CHECK(L4_ThreadControl(id, self, self, pager, utcb) != 0);
	return id;
}

/* Sends to who waits, and then waits for the partner. */
static void send_and_receive(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	note(L4_Ipc(helper, partner, TIMEOUTS(L4_Never, L4_Never),
		&(L4_ThreadId_t){0}));
}

static void call_helper(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	note(L4_Call(helper));
}

/* Who called it then waits for the partner, to which nothing comes. */
static void propagate_one_message(void *arg)
{
	L4_ThreadId_t from;

	(void)L4_Wait(&from);
	L4_Set_VirtualSender(from);
	L4_Set_MsgTag((L4_MsgTag_t){MSGTAG_PROPAGATED});
	(void)L4_Send_Timeout(partner, L4_ZeroTime);
	rest(arg);
}

/* What @waiter learns of the end of a partner that never ran, @end. */
static void check_unstarted(void (*waiter)(void *), void (*helping)(void *),
	void (*end)(thread_id_t))
{
	thread_id_t id;

	helper = spawn(helping, NULL);
	settle();
	partner = make_unstarted(L4_MyGlobalId());
	code = STILL_WAITING;
	id = spawn(waiter, NULL);
	settle();
	CHECK_EQ(code, STILL_WAITING);
	end(partner);
	settle();
	CHECK_EQ(code, IPC_RECEIVE_NO_PARTNER);
	kill(id);
	kill(helper);
}

TEST(who_waits_for_a_thread_that_never_ran_learns_of_its_end)
{
	check_unstarted(receive, rest, kill);
	check_unstarted(receive_for_a_while, rest, kill);
	check_unstarted(send_and_receive, take_one_message, kill);
	check_unstarted(call_helper, propagate_one_message, kill);
}

static void renew_and_kill(thread_id_t id)
{
	thread_id_t new = renew(id);

	settle();
	CHECK_EQ(code, IPC_RECEIVE_NO_PARTNER);
	kill(new);
}

TEST(who_waits_for_a_thread_that_never_ran_learns_of_its_other_version)
{
	check_unstarted(receive, rest, renew_and_kill);
	check_unstarted(send_and_receive, take_one_message, renew_and_kill);
}

static void renew_and_wait(thread_id_t id)
{
	thread_id_t new = renew(id);
	thread_id_t again;

	kill(helper);
	helper = spawn(take_one_message, NULL);
	settle();
	code = STILL_WAITING;
	again = spawn(send_and_receive, NULL);
	settle();
	CHECK_EQ(code, IPC_RECEIVE_NO_PARTNER);
	kill(again);
	kill(new);
}

TEST(nobody_waits_for_the_version_before)
{
	check_unstarted(send_and_receive, take_one_message, renew_and_wait);
}

TEST(a_thread_that_was_not_started_yet_waits_for_its_next_pager)
{
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id;

	partner = spawn(rest, NULL);
	id = make_unstarted(partner);
	kill(partner);
	settle();
	id = renew(id);
	code = 0;
	page[0] = 1;
	CHECK(L4_ThreadControl(
		      id, self, THREAD_NIL, self, UTCB_LOCATION_NONE) != 0);
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, stack_top(touch_page, NULL));
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	settle();
	CHECK_EQ(code, 1);
	kill(id);
}

TAP_MAIN(CASE(a_closed_receiver_of_a_deleted_thread_learns_it),
	CASE(a_call_learns_it_in_its_phase),
	CASE(an_open_receiver_goes_on_waiting),
	CASE(another_version_is_another_partner),
	CASE(another_version_ends_what_the_thread_itself_waits_for),
	CASE(a_receiver_of_an_interrupt_learns_that_nobody_gets_it_any_more),
	CASE(a_fault_without_a_pager_halts_the_thread),
	CASE(a_fault_whose_pager_dies_halts_the_thread),
	CASE(an_exception_whose_handler_dies_halts_the_thread),
	CASE(who_waits_for_a_thread_that_never_ran_learns_of_its_end),
	CASE(who_waits_for_a_thread_that_never_ran_learns_of_its_other_version),
	CASE(nobody_waits_for_the_version_before),
	CASE(a_thread_that_was_not_started_yet_waits_for_its_next_pager))
