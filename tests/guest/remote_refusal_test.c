/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ids of other domains are partners of Ipc and nothing else.
 */
#include "guestkernel/abi/error.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"
#include "vmm/abi/vmmcall.h"

static const thread_id_t remote = {REMOTE_ID_PORTAL(PORTAL_SLOT_VMM)};

TEST(thread_control_makes_no_remote_thread)
{
	thread_id_t self = L4_MyGlobalId();

	CHECK_EQ(L4_ThreadControl(remote, self, self, self, UTCB_LOCATION_NONE),
		0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(thread_control_makes_no_thread_beyond_the_number_bits)
{
	thread_id_t self = L4_MyGlobalId();
	thread_id_t large = thread_id_global(THREAD_NUMBER_MAX + 1, 1);

	CHECK_EQ(L4_ThreadControl(
			 large, self, self, THREAD_NIL, UTCB_LOCATION_NONE),
		0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(a_remote_thread_is_no_space)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);

	CHECK_EQ(L4_ThreadControl(id, remote, self, THREAD_NIL, utcb), 0);
	CHECK(L4_ErrorCode() == L4_INVALID_SPACE ||
		L4_ErrorCode() == L4_INVALID_THREAD);
}

TEST(space_control_refuses_it)
{
	L4_Word_t old;

	CHECK_EQ(L4_SpaceControl(
			 remote, 0, FPAGE_NIL, FPAGE_NIL, THREAD_NIL, &old),
		0);
	CHECK(L4_ErrorCode() == L4_INVALID_SPACE ||
		L4_ErrorCode() == L4_INVALID_THREAD);
}

TEST(exchange_registers_refuses_it)
{
	struct l4_exregs regs = {.thread = remote.raw};

	CHECK(thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(schedule_refuses_it)
{
	CHECK_EQ(L4_Set_Priority(remote, 100), SCHEDULE_ERROR);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

TEST(a_switch_to_it_is_a_yield)
{
	L4_ThreadSwitch(remote);
	CHECK(true);
}

TEST(an_empty_slot_is_no_partner)
{
	thread_id_t empty = {REMOTE_ID_PORTAL(PORTAL_SLOTS - 1)};

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Call(empty)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

TEST(a_slot_beyond_the_table_is_no_partner)
{
	thread_id_t beyond = {REMOTE_ID_PORTAL(0x7fffffff)};

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Call(beyond)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

TEST(another_version_is_no_partner)
{
	thread_id_t caller = {REMOTE_ID_CALLER(PORTAL_SLOT_VMM, 0, 1)};

	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(msgtag_failed(L4_Call(caller)));
	CHECK_EQ(L4_ErrorCode(), IPC_SEND_NO_PARTNER);
}

TEST(the_vmm_answers_an_unknown_request)
{
	uint64_t error;

	L4_Set_MsgTag(msgtag_make(0x7777, 0, 0));
	CHECK(!msgtag_failed(L4_Call(remote)));
	L4_StoreMR(1, &error);
	CHECK_EQ(error, VMM_EINVAL);
}

TAP_MAIN(CASE(thread_control_makes_no_remote_thread),
	CASE(thread_control_makes_no_thread_beyond_the_number_bits),
	CASE(a_remote_thread_is_no_space), CASE(space_control_refuses_it),
	CASE(exchange_registers_refuses_it), CASE(schedule_refuses_it),
	CASE(a_switch_to_it_is_a_yield), CASE(an_empty_slot_is_no_partner),
	CASE(a_slot_beyond_the_table_is_no_partner),
	CASE(another_version_is_no_partner),
	CASE(the_vmm_answers_an_unknown_request))
