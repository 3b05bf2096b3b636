/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests/system/trace.test traces: rounds that are all alike, without end.
 * In a round all messages of this program bear its number as their label, so
 * whoever sees the next round's first has seen all of the round.
 */
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"

#define CALLS 100
#define UNMAP_EVERY 10
#define IRQ 5
#define PAUSE_US 20000
#define LONG_US 1000000

static volatile char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* Answers with the label that it got; faults if the page is gone. */
static void echo(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)arg;
	for (;;) {
		(void)page[0];
		L4_Set_MsgTag(msgtag_make(msgtag_label(tag), 0, 0));
		tag = L4_ReplyWait(from, &from);
	}
}

static void take_notification(void)
{
	(void)vmm_notify_after(IRQ, 1);
	(void)L4_Receive(thread_id_interrupt(IRQ));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send_Timeout(thread_id_interrupt(IRQ), L4_ZeroTime);
}

/* The first call goes the long way, as it has a timeout. */
static void do_round(thread_id_t server, uint64_t number)
{
	for (unsigned i = 1; i <= CALLS; i++) {
		L4_Set_MsgTag(msgtag_make(number, 0, 0));
		(void)L4_Call_Timeouts(server,
			i == 1 ? L4_TimePeriod(LONG_US) : L4_Never, L4_Never);
		if (i % UNMAP_EVERY == 0)
			(void)L4_UnmapFpage(fpage_make(
				(uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
	}
	take_notification();
}

int main(void)
{
	thread_id_t server = spawn_in_new_space(echo, NULL);

	(void)L4_AssociateInterrupt(thread_id_interrupt(IRQ), L4_MyGlobalId());
	for (uint64_t number = 1;; number++) {
		do_round(server, number);
		L4_Sleep(L4_TimePeriod(PAUSE_US));
	}
}
