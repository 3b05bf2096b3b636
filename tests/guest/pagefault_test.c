/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults become messages to the pager, and the thread notices nothing.
 * Source: L4 X.2 Reference Manual, "Page Fault Protocol".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 1000000

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static thread_id_t tester;
static volatile uint64_t value;

static uint64_t word(unsigned i)
{
	return UINT64_C(0xfeed000000000000) + i;
}

static void take_page_away(void)
{
	page[0] = 0;
	(void)L4_FlushFpage(
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
}

/*
 * A thread of this space, paged by the tester.  The image is mapped, so it
 * faults in nothing but what the tester takes away.
 */
static thread_id_t spawn_paged(void (*entry)(void *))
{
	thread_id_t id = spawn(entry, NULL);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER,
		.pager = L4_MyGlobalId().raw,
	};

	take_page_away();
	tester = L4_MyGlobalId();
	return thread_id_is_nil(L4_ExchangeRegisters(&regs)) ? THREAD_NIL : id;
}

static L4_MsgTag_t receive_fault(thread_id_t from, L4_Msg_t *msg)
{
	L4_MsgTag_t tag = L4_Receive_Timeout(from, L4_TimePeriod(TIMEOUT_US));

	L4_MsgStore(tag, msg);
	return tag;
}

/* sigma0 gives the page back to this space, whoever faulted. */
static void resolve(thread_id_t faulter)
{
	page[0]++;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(faulter);
}

static void touch_with_full_mrs(void *arg)
{
	struct utcb *utcb = l4_utcb();
	bool kept = true;

	(void)arg;
	for (unsigned i = 0; i < UTCB_MR_COUNT; i++)
		utcb->mr[i] = word(i);
	L4_LoadBR(0, 0x20);
	utcb->error_code = 77;
	utcb->virtual_sender = 99;

	((volatile char *)page)[8] = 1;

	for (unsigned i = 0; i < UTCB_MR_COUNT; i++)
		kept = kept && utcb->mr[i] == word(i);
	kept = kept && L4_BR(0) == 0x20 && utcb->error_code == 77 &&
	       utcb->virtual_sender == 99;
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, kept);
	(void)L4_Send(tester);
	for (;;)
		L4_Sleep(L4_Never);
}

static void write_word(void *arg)
{
	(void)arg;
	*(volatile uint64_t *)(page + 16) = 5;
	for (;;)
		L4_Sleep(L4_Never);
}

static void read_word(void *arg)
{
	(void)arg;
	value = *(volatile uint64_t *)(page + 24);
	for (;;)
		L4_Sleep(L4_Never);
}

TEST(a_fault_leaves_all_message_registers_as_they_were)
{
	thread_id_t thread;
	L4_Msg_t msg;

	thread = spawn_paged(touch_with_full_mrs);

	L4_MsgTag_t tag = receive_fault(thread, &msg);

	CHECK_EQ(tag.raw, msgtag_make(PROTOCOL_PAGEFAULT | FPAGE_W, 2, 0).raw);
	CHECK_EQ(L4_MsgWord(&msg, 0), (uint64_t)page + 8);
	resolve(thread);
	tag = receive_fault(thread, &msg);
	CHECK_EQ(tag.raw, msgtag_make(0, 1, 0).raw);
	CHECK_EQ(L4_MsgWord(&msg, 0), true);
	kill(thread);
}

TEST(the_message_tells_address_instruction_and_access)
{
	thread_id_t thread;
	L4_Msg_t msg;

	thread = spawn_paged(write_word);
	CHECK_EQ(msgtag_label(receive_fault(thread, &msg)),
		PROTOCOL_PAGEFAULT | FPAGE_W);
	CHECK_EQ(L4_MsgWord(&msg, 0), (uint64_t)page + 16);
	CHECK(L4_MsgWord(&msg, 1) >= (uint64_t)write_word);
	CHECK(L4_MsgWord(&msg, 1) < (uint64_t)write_word + 64);
	resolve(thread);
	kill(thread);

	thread = spawn_paged(read_word);
	CHECK_EQ(msgtag_label(receive_fault(thread, &msg)),
		PROTOCOL_PAGEFAULT | FPAGE_R);
	CHECK_EQ(L4_MsgWord(&msg, 0), (uint64_t)page + 24);
	resolve(thread);
	kill(thread);
}

TEST(a_reply_without_a_page_makes_it_fault_again)
{
	thread_id_t thread;
	L4_Msg_t msg;

	thread = spawn_paged(read_word);
	for (unsigned i = 0; i < 3; i++) {
		(void)receive_fault(thread, &msg);
		CHECK_EQ(L4_MsgWord(&msg, 0), (uint64_t)page + 24);
		L4_Set_MsgTag(MSGTAG_EMPTY);
		CHECK(!msgtag_failed(L4_Reply(thread)));
	}
	kill(thread);
}

TEST(a_cancelled_fault_is_raised_again)
{
	thread_id_t thread;
	L4_Msg_t msg;

	thread = spawn_paged(touch_with_full_mrs);
	(void)receive_fault(thread, &msg);
	CHECK(!thread_id_is_nil(L4_AbortIpc(thread)));
	CHECK_EQ(msgtag_label(receive_fault(thread, &msg)),
		PROTOCOL_PAGEFAULT | FPAGE_W);
	resolve(thread);
	(void)receive_fault(thread, &msg);
	CHECK_EQ(L4_MsgWord(&msg, 0), true);
	kill(thread);
}

TAP_MAIN(CASE(a_fault_leaves_all_message_registers_as_they_were),
	CASE(the_message_tells_address_instruction_and_access),
	CASE(a_reply_without_a_page_makes_it_fault_again),
	CASE(a_cancelled_fault_is_raised_again))
