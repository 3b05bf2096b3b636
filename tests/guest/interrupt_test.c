/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications arrive as messages from interrupt threads.
 * Source: L4 X.2 Reference Manual, "Interrupt Protocol".
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define IRQ 5
#define TIMEOUT_US 500000
#define SOON 100000 /* TSC ticks */
#define QUIET_US 3000

static thread_id_t irq(void)
{
	return thread_id_interrupt(IRQ);
}

static L4_MsgTag_t receive_interrupt(void)
{
	return L4_Receive_Timeout(irq(), L4_TimePeriod(TIMEOUT_US));
}

static void acknowledge(void)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send_Timeout(irq(), L4_ZeroTime);
}

TEST(a_notification_is_a_message_from_its_interrupt)
{
	CHECK(L4_AssociateInterrupt(irq(), L4_MyGlobalId()) != 0);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);

	L4_MsgTag_t tag = receive_interrupt();

	CHECK_EQ(tag.raw, msgtag_make(PROTOCOL_INTERRUPT, 0, 0).raw);
	acknowledge();
	CHECK(L4_DeassociateInterrupt(irq()) != 0);
}

TEST(an_open_receive_gets_it_too)
{
	L4_ThreadId_t from;

	CHECK(L4_AssociateInterrupt(irq(), L4_MyGlobalId()) != 0);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK(!msgtag_failed(
		L4_Wait_Timeout(L4_TimePeriod(TIMEOUT_US), &from)));
	CHECK_EQ(from.raw, irq().raw);
	acknowledge();
	CHECK(L4_DeassociateInterrupt(irq()) != 0);
}

TEST(one_that_nobody_awaits_is_kept)
{
	CHECK(L4_AssociateInterrupt(irq(), L4_MyGlobalId()) != 0);
	CHECK_EQ(vmm_notify_after(IRQ, 1), VMM_OK);
	L4_Sleep(L4_TimePeriod(QUIET_US));
	CHECK(!msgtag_failed(L4_Receive_Timeout(irq(), L4_ZeroTime)));
	acknowledge();
	CHECK(L4_DeassociateInterrupt(irq()) != 0);
}

TEST(the_next_one_waits_for_the_acknowledgement)
{
	CHECK(L4_AssociateInterrupt(irq(), L4_MyGlobalId()) != 0);
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK(!msgtag_failed(receive_interrupt()));
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);
	CHECK(msgtag_failed(
		L4_Receive_Timeout(irq(), L4_TimePeriod(QUIET_US))));
	acknowledge();
	CHECK(!msgtag_failed(receive_interrupt()));
	acknowledge();
	CHECK(L4_DeassociateInterrupt(irq()) != 0);
}

TEST(without_an_association_there_is_no_partner)
{
	CHECK(msgtag_failed(L4_Receive_Timeout(irq(), L4_ZeroTime)));
	CHECK_EQ(vmm_notify_after(IRQ, 1), VMM_OK);
	L4_Sleep(L4_TimePeriod(QUIET_US));
}

TEST(a_wrong_version_is_refused)
{
	thread_id_t wrong = thread_id_global(IRQ, 2);

	CHECK_EQ(L4_AssociateInterrupt(wrong, L4_MyGlobalId()), 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
}

static volatile uint64_t seen;

static void await_interrupt(void *arg)
{
	(void)arg;
	if (!msgtag_failed(receive_interrupt()))
		seen++;
	acknowledge();
	for (;;)
		L4_Sleep(L4_Never);
}

TEST(a_thread_is_interrupted_for_the_handler)
{
	thread_id_t handler = spawn(await_interrupt, NULL);

	seen = 0;
	CHECK(L4_AssociateInterrupt(irq(), handler) != 0);
	CHECK(L4_Set_Priority(handler, PRIORITY_MAX) != 0);
	L4_Yield();
	CHECK_EQ(vmm_notify_after(IRQ, SOON), VMM_OK);

	/* The handler comes in between, though this thread never waits. */
	uint64_t start = L4_SystemClock();

	while (seen == 0 && L4_SystemClock() - start < TIMEOUT_US)
		L4_Yield();
	CHECK_EQ(seen, 1);
	CHECK(L4_DeassociateInterrupt(irq()) != 0);
	kill(handler);
}

TAP_MAIN(CASE(a_notification_is_a_message_from_its_interrupt),
	CASE(an_open_receive_gets_it_too), CASE(one_that_nobody_awaits_is_kept),
	CASE(the_next_one_waits_for_the_acknowledgement),
	CASE(without_an_association_there_is_no_partner),
	CASE(a_wrong_version_is_refused),
	CASE(a_thread_is_interrupted_for_the_handler))
