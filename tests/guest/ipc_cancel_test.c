/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ExchangeRegisters ends an Ipc: error "cancelled", in the phase it was in.
 * Source: L4 X.2 Reference Manual, "ExchangeRegisters".
 */
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

static thread_id_t tester;
static volatile uint64_t code; /* that the victim saw */
static volatile bool done;

static void sleep_forever(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void finish(L4_MsgTag_t tag)
{
	code = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	done = true;
	sleep_forever(NULL);
}

static void receive_from_tester(void *arg)
{
	(void)arg;
	finish(L4_Receive(tester));
}

static void send_to(void *arg)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	finish(L4_Send(*(thread_id_t *)arg));
}

static void call_tester(void *arg)
{
	(void)arg;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	finish(L4_Call(tester));
}

/* Cancels what @id is in; the state that ExchangeRegisters saw before. */
static uint64_t cancel(thread_id_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
	};

	(void)L4_ExchangeRegisters(&regs);
	settle();
	return regs.control;
}

static thread_id_t begin(void (*entry)(void *), void *arg)
{
	tester = L4_MyGlobalId();
	done = false;

	thread_id_t id = spawn(entry, arg);

	settle();
	return id;
}

TEST(a_receive_is_cancelled)
{
	thread_id_t victim = begin(receive_from_tester, NULL);

	CHECK_EQ(cancel(victim), EXREGS_WAS_RECEIVING);
	CHECK(done);
	CHECK_EQ(code, IPC_RECEIVE_CANCELLED);
	kill(victim);
}

TEST(a_send_is_cancelled)
{
	static thread_id_t deaf;

	deaf = spawn(sleep_forever, NULL);

	thread_id_t victim = begin(send_to, &deaf);

	CHECK_EQ(cancel(victim), EXREGS_WAS_SENDING);
	CHECK(done);
	CHECK_EQ(code, IPC_SEND_CANCELLED);
	kill(victim);
	kill(deaf);
}

TEST(a_call_whose_send_is_done_is_cancelled_receiving)
{
	thread_id_t victim = begin(call_tester, NULL);

	CHECK(!msgtag_failed(L4_Receive(victim)));
	CHECK_EQ(cancel(victim), EXREGS_WAS_RECEIVING);
	CHECK(done);
	CHECK_EQ(code, IPC_RECEIVE_CANCELLED);
	kill(victim);
}

TEST(a_thread_that_is_in_no_ipc_is_not_disturbed)
{
	struct l4_exregs regs = {
		.thread = L4_MyGlobalId().raw,
		.control = EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.control & (EXREGS_WAS_SENDING | EXREGS_WAS_RECEIVING |
					EXREGS_WAS_HALTED),
		0);
	/* Nor is its next Ipc. */
	L4_ThreadId_t from;

	CHECK(msgtag_failed(L4_Wait_Timeout(L4_ZeroTime, &from)));
	CHECK_EQ(L4_ErrorCode(), IPC_RECEIVE_TIMEOUT);
}

TAP_MAIN(CASE(a_receive_is_cancelled), CASE(a_send_is_cancelled),
	CASE(a_call_whose_send_is_done_is_cancelled_receiving),
	CASE(a_thread_that_is_in_no_ipc_is_not_disturbed))
