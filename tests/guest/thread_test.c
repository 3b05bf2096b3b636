/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a thread: made, started, stopped, deleted, made again.
 * Source: L4 X.2 Reference Manual, "ThreadControl", "ExchangeRegisters".
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/kip.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

static volatile uint64_t counter;

static void count(void *arg)
{
	counter += (uint64_t)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void count_often(void *arg)
{
	(void)arg;
	for (;;)
		counter++;
}

static uint64_t remove_thread(thread_id_t id)
{
	return L4_ThreadControl(
		id, THREAD_NIL, THREAD_NIL, THREAD_NIL, UTCB_LOCATION_NONE);
}

TEST(a_started_thread_runs)
{
	counter = 0;

	thread_id_t id = spawn(count, (void *)3);

	REQUIRE(!thread_id_is_nil(id));
	settle();
	CHECK_EQ(counter, 3);
	kill(id);
}

TEST(its_pager_starts_an_active_thread_by_a_message)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	counter = 0;
	CHECK(L4_ThreadControl(id, self, self, self, utcb) != 0);
	settle();
	CHECK_EQ(counter, 0);

	uint64_t sp = stack_top(count, (void *)5);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER,
		.pager = THREAD_SIGMA0.raw,
	};

	L4_Set_MsgTag(msgtag_make(0, 2, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, sp);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_TimePeriod(100000))));
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	settle();
	CHECK_EQ(counter, 5);
	CHECK(remove_thread(id) != 0);
}

static thread_id_t started;
static uint64_t started_sp;

/* A start message from somebody who is not the pager yet. */
static void send_start(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(msgtag_make(0, 2, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, started_sp);
	(void)L4_Send(started);
	count(NULL);
}

TEST(a_new_pager_whose_message_waits_already_starts_the_thread)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();

	counter = 0;
	started = root_thread_reserve(&utcb);
	started_sp = stack_top(count, (void *)7);
	CHECK(L4_ThreadControl(started, self, self, self, utcb) != 0);

	thread_id_t other = spawn(send_start, NULL);

	settle();
	CHECK(L4_ThreadControl(started, self, THREAD_NIL, other,
		      UTCB_LOCATION_NONE) != 0);
	settle();
	CHECK_EQ(counter, 7);
	CHECK(remove_thread(started) != 0);
	kill(other);
}

TEST(a_deleted_thread_is_no_partner)
{
	thread_id_t id = spawn(count, NULL);

	settle();
	CHECK(remove_thread(id) != 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send(id)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

TEST(a_number_used_again_has_another_version)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t old = root_thread_reserve(&utcb);
	thread_id_t new = thread_id_global(thread_id_number(old), 2);

	CHECK(L4_ThreadControl(old, self, self, self, utcb) != 0);
	CHECK(remove_thread(old) != 0);
	CHECK(L4_ThreadControl(new, self, self, self, utcb) != 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Send_Timeout(old, L4_ZeroTime)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
	CHECK(remove_thread(new) != 0);
}

static thread_id_t target;
static volatile uint64_t code;

static void call_target(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	code = msgtag_failed(L4_Call(target)) ? L4_ErrorCode() : 0;
	count(NULL);
}

TEST(a_sender_that_waits_for_a_deleted_thread_learns_it)
{
	target = spawn(count, NULL);
	settle();
	code = 0;

	thread_id_t sender = spawn(call_target, NULL);

	settle();
	CHECK(remove_thread(target) != 0);
	settle();
	CHECK_EQ(code, IPC_SEND_NO_PARTNER);
	kill(sender);
}

/* It never blocks, so time must pass. */
static void let_it_count(void)
{
	L4_Sleep(L4_TimePeriod(5000));
}

TEST(a_halted_thread_does_not_run_and_goes_on_later)
{
	thread_id_t id = spawn(count_often, NULL);

	counter = 0;
	let_it_count();
	CHECK(counter > 0);
	CHECK(!thread_id_is_nil(L4_Stop(id)));

	uint64_t stopped_at = counter;

	let_it_count();
	CHECK_EQ(counter, stopped_at);
	CHECK(!thread_id_is_nil(L4_Start(id)));
	let_it_count();
	CHECK(counter > stopped_at);
	kill(id);
}

TEST(exchange_registers_gives_the_other_id)
{
	thread_id_t id = spawn(count, NULL);
	thread_id_t local = L4_LocalIdOf(id);

	CHECK(thread_id_is_local(local));
	CHECK_EQ(L4_GlobalIdOf(local).raw, id.raw);
	kill(id);
}

TEST(exchange_registers_of_no_thread_is_nil)
{
	struct l4_exregs regs = {.thread = UINT64_C(0x1000000000001)};

	CHECK(thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(exchange_registers_sets_and_returns_the_handle)
{
	thread_id_t id = spawn(count, NULL);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_HANDLE,
		.handle = 0x1234,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.handle, 0);
	regs = (struct l4_exregs){.thread = id.raw};
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.handle, 0x1234);
	CHECK_EQ(regs.pager, THREAD_SIGMA0.raw);
	kill(id);
}

TEST(a_thread_cannot_delete_itself)
{
	CHECK_EQ(remove_thread(L4_MyGlobalId()), 0);
}

TEST(a_utcb_outside_of_the_area_is_refused)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	CHECK_EQ(L4_ThreadControl(id, self, self, self, 0x1000), 0);
	CHECK_EQ(L4_ErrorCode(), L4_UTCB_AREA);
	CHECK_EQ(L4_ThreadControl(id, self, self, self, utcb + 8), 0);
	CHECK_EQ(L4_ErrorCode(), L4_UTCB_AREA);
}

TEST(a_space_that_does_not_exist_is_refused)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);
	thread_id_t nobody = {UINT64_C(0x1000000000001)};

	CHECK_EQ(L4_ThreadControl(id, nobody, self, THREAD_NIL, utcb), 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_SPACE);
}

static volatile uint64_t result, error;

static void try_thread_control(void *arg)
{
	thread_id_t self = L4_MyGlobalId();

	result = L4_ThreadControl(*(thread_id_t *)arg, self, self, self,
		UTCB_AREA_BASE + UTCB_SIZE);
	error = L4_ErrorCode();
	count(NULL);
}

TEST(only_root_tasks_may_make_threads)
{
	static thread_id_t fresh;
	uint64_t utcb;

	fresh = root_thread_reserve(&utcb);
	result = 99;

	thread_id_t id = spawn_in_new_space(try_thread_control, &fresh);

	settle();
	CHECK_EQ(result, 0);
	CHECK_EQ(error, L4_NO_PRIVILEGE);
	kill(id);
}

TEST(many_threads_come_and_go)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	for (uint32_t i = 0; i < 500; i++) {
		id = thread_id_global(thread_id_number(id), 2 * i + 1);
		CHECK(L4_ThreadControl(id, self, self, self, utcb) != 0);
		CHECK(remove_thread(id) != 0);
	}
}

TEST(many_spaces_come_and_go)
{
	for (unsigned i = 0; i < 100; i++) {
		thread_id_t id = space_create();

		REQUIRE(!thread_id_is_nil(id));
		CHECK(thread_activate(id, pager_thread()) != 0);
		CHECK(remove_thread(id) != 0);
	}
}

TAP_MAIN(CASE(a_started_thread_runs),
	CASE(its_pager_starts_an_active_thread_by_a_message),
	CASE(a_new_pager_whose_message_waits_already_starts_the_thread),
	CASE(a_deleted_thread_is_no_partner),
	CASE(a_number_used_again_has_another_version),
	CASE(a_sender_that_waits_for_a_deleted_thread_learns_it),
	CASE(a_halted_thread_does_not_run_and_goes_on_later),
	CASE(exchange_registers_gives_the_other_id),
	CASE(exchange_registers_of_no_thread_is_nil),
	CASE(exchange_registers_sets_and_returns_the_handle),
	CASE(a_thread_cannot_delete_itself),
	CASE(a_utcb_outside_of_the_area_is_refused),
	CASE(a_space_that_does_not_exist_is_refused),
	CASE(only_root_tasks_may_make_threads), CASE(many_threads_come_and_go),
	CASE(many_spaces_come_and_go))
