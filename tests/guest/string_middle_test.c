/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens in the middle of a string: pages that are missing on both
 * sides, and then an end, a halt or a change, from the pager of both partners.
 * Source: L4 X.2 Reference Manual, "StringItem", "IPC" (XferTimeouts),
 * "ExchangeRegisters", "ThreadControl".
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define PAGES 3
#define SIZE (PAGES * PAGE_SIZE)
#define SOON_US 20000
#define LONG_US 2000000

static char source[SIZE] __attribute__((aligned(PAGE_SIZE)));
static char place[SIZE] __attribute__((aligned(PAGE_SIZE)));

/* What both partners share with the tester, on a page of its own. */
static struct {
	thread_id_t receiver;
	uint64_t sender_timeouts, receiver_timeouts;
	volatile uint64_t sent, received; /* ErrorCode, or what follows */
} shared __attribute__((aligned(PAGE_SIZE)));

/* Nobody maps anything there. */
#define NOWHERE UINT64_C(0x50000000)

#define UNKNOWN 99 /* no ErrorCode */

static thread_id_t sender, receiver;

static void rest(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

static void receive_string(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	(void)arg;
	shared.received = UNKNOWN;
	L4_LoadBR(1, item_string_word(SIZE));
	L4_LoadBR(2, (uint64_t)place);
	L4_Accept(ACCEPT_STRINGS);
	l4_utcb()->xfer_timeouts = shared.receiver_timeouts;
	tag = L4_Wait(&from);
	shared.received = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	rest();
}

/* When it is told to. */
static void send_string(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	(void)arg;
	shared.sent = UNKNOWN;
	l4_utcb()->xfer_timeouts = shared.sender_timeouts;
	(void)L4_Wait(&from);
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_string_word(SIZE));
	L4_LoadMR(2, (uint64_t)source);
	tag = L4_Send(shared.receiver);
	shared.sent = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	rest();
}

static void page_by_tester(thread_id_t id)
{
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_PAGER,
		.pager = L4_MyGlobalId().raw,
	};

	(void)L4_ExchangeRegisters(&regs);
}

/* Both in spaces of their own, and with no page of the string there. */
static void begin(uint64_t sender_timeouts, uint64_t receiver_timeouts)
{
	for (unsigned i = 0; i < SIZE; i++) {
		source[i] = (char)(1 + i % 127);
		place[i] = 0;
	}
	shared.sender_timeouts = sender_timeouts;
	shared.receiver_timeouts = receiver_timeouts;
	receiver = shared.receiver = spawn_in_new_space(receive_string, NULL);
	sender = spawn_in_new_space(send_string, NULL);
	settle();
	page_by_tester(sender);
	page_by_tester(receiver);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(sender);
}

static void end(void)
{
	kill(sender);
	kill(receiver);
}

static void reply_page(thread_id_t to, uint64_t address)
{
	uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1);

	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(page));
	L4_LoadMR(2, fpage_make(page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
	(void)L4_Reply(to);
}

/* The next fault's address; 0: there is none. */
static uint64_t next_fault(thread_id_t *from)
{
	L4_MsgTag_t tag = L4_Wait_Timeout(L4_TimePeriod(LONG_US), from);
	uint64_t address = 0;

	if (!msgtag_failed(tag))
		L4_StoreMR(1, &address);
	return address;
}

/* Answers faults up to that at @stop, which it does not answer. */
static bool page_until(const char *stop, thread_id_t *from)
{
	uint64_t address;

	while ((address = next_fault(from)) != (uint64_t)stop) {
		if (!address)
			return false;
		reply_page(*from, address);
	}
	return true;
}

static bool has_arrived(unsigned size)
{
	for (unsigned i = 0; i < SIZE; i++)
		if (place[i] != (i < size ? source[i] : 0))
			return false;
	return true;
}

/* The last pages of both sides, and then all of it is there. */
static void check_completes(void)
{
	thread_id_t from;

	REQUIRE(page_until(place + SIZE - PAGE_SIZE, &from));
	reply_page(from, (uint64_t)place + SIZE - PAGE_SIZE);
	settle();
	CHECK(has_arrived(SIZE));
}

static void check_codes(enum ipc_error sent, enum ipc_error received)
{
	CHECK_EQ(shared.sent, ipc_error_code(IPC_SEND, sent, PAGE_SIZE));
	CHECK_EQ(shared.received,
		ipc_error_code(IPC_RECEIVE, received, PAGE_SIZE));
	CHECK(has_arrived(PAGE_SIZE));
}

TEST(pages_that_both_sides_miss_come)
{
	begin(0, 0);
	check_completes();
	CHECK_EQ(shared.sent, 0);
	CHECK_EQ(shared.received, 0);
	end();
}

/* Where it stops: the second page of either side. */
static const char *const middle[] = {source + PAGE_SIZE, place + PAGE_SIZE};

static void exchange(thread_id_t id, uint64_t control)
{
	struct l4_exregs regs = {.thread = id.raw, .control = control};

	(void)L4_ExchangeRegisters(&regs);
}

TEST(each_partner_is_aborted_at_a_fault_of_each)
{
	thread_id_t from;

	for (unsigned i = 0; i < 4; i++) {
		begin(0, 0);
		REQUIRE(page_until(middle[i / 2], &from));
		exchange(i % 2 ? sender : receiver,
			EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE);
		settle();
		check_codes(IPC_ABORTED, IPC_ABORTED);
		end();
	}
}

/* The sender only sends and the receiver only receives. */
TEST(what_a_partner_does_not_do_cannot_be_aborted)
{
	thread_id_t from;

	begin(0, 0);
	REQUIRE(page_until(middle[1], &from));
	exchange(sender, EXREGS_CANCEL_RECEIVE);
	exchange(receiver, EXREGS_CANCEL_SEND);
	settle();
	CHECK_EQ(shared.sent, UNKNOWN);
	reply_page(from, (uint64_t)middle[1]);
	check_completes();
	CHECK_EQ(shared.sent, 0);
	CHECK_EQ(shared.received, 0);
	end();
}

TEST(the_end_of_each_partner_at_a_fault_of_each_aborts_the_other)
{
	thread_id_t from;

	for (unsigned i = 0; i < 4; i++) {
		begin(0, 0);
		REQUIRE(page_until(middle[i / 2], &from));
		kill(i % 2 ? sender : receiver);
		settle();
		CHECK_EQ(i % 2 ? shared.received : shared.sent,
			ipc_error_code(i % 2 ? IPC_RECEIVE : IPC_SEND,
				IPC_ABORTED, PAGE_SIZE));
		end();
	}
}

TEST(the_time_of_each_partner_ends_at_a_fault_of_each)
{
	uint64_t send = TIMEOUTS(time_period(SOON_US), TIME_NEVER);
	uint64_t receive = TIMEOUTS(TIME_NEVER, time_period(SOON_US));
	thread_id_t from;

	for (unsigned i = 0; i < 4; i++) {
		begin(i % 2 ? send : 0, i % 2 ? 0 : receive);
		REQUIRE(page_until(middle[i / 2], &from));
		L4_Sleep(L4_TimePeriod(2 * SOON_US));
		settle();
		if (i % 2)
			check_codes(IPC_XFER_TIMEOUT, IPC_XFER_TIMEOUT_PARTNER);
		else
			check_codes(IPC_XFER_TIMEOUT_PARTNER, IPC_XFER_TIMEOUT);
		end();
	}
}

/* The other phase's transfer timeout of each says nothing about it. */
TEST(times_for_other_transfers_do_not_count)
{
	thread_id_t from;

	begin(TIMEOUTS(TIME_NEVER, TIME_ZERO), TIMEOUTS(TIME_ZERO, TIME_NEVER));
	REQUIRE(page_until(middle[1], &from));
	L4_Sleep(L4_TimePeriod(SOON_US));
	reply_page(from, (uint64_t)middle[1]);
	check_completes();
	CHECK_EQ(shared.sent, 0);
	CHECK_EQ(shared.received, 0);
	end();
}

/* Ipc that has begun is not affected by a halt, user code is. */
TEST(halted_partners_carry_on_with_a_string)
{
	thread_id_t from;

	begin(0, 0);
	REQUIRE(page_until(middle[0], &from));
	exchange(sender, EXREGS_SET_HALT | EXREGS_HALTED);
	exchange(receiver, EXREGS_SET_HALT | EXREGS_HALTED);
	reply_page(from, (uint64_t)middle[0]);
	check_completes();
	CHECK_EQ(shared.sent, UNKNOWN);
	CHECK_EQ(shared.received, UNKNOWN);
	exchange(sender, EXREGS_SET_HALT);
	exchange(receiver, EXREGS_SET_HALT);
	settle();
	CHECK_EQ(shared.sent, 0);
	CHECK_EQ(shared.received, 0);
	end();
}

TEST(a_pager_that_ends_in_the_middle_aborts_it)
{
	thread_id_t from;

	for (unsigned i = 0; i < 2; i++) {
		begin(0, 0);
		REQUIRE(page_until(middle[i], &from));
		/* From now on nobody is its pager, and it faults again. */
		struct l4_exregs regs = {
			.thread = from.raw,
			.control = EXREGS_SET_PAGER,
		};

		(void)L4_ExchangeRegisters(&regs);
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Reply(from);
		settle();
		check_codes(IPC_ABORTED, IPC_ABORTED);
		end();
	}
}

/* The words that describe a string lie where its sender's space can write. */
static void fill_description(thread_id_t id, uint64_t word)
{
	uint64_t local = L4_LocalIdOf(id).raw;
	volatile uint64_t *mr = (volatile uint64_t *)local;

	for (unsigned i = 1; i < 64; i++)
		mr[i] = word;
	for (int i = 0; i < 33; i++)
		mr[-16 - i] = word;
}

static void send_from_nowhere(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;) {
		(void)L4_Wait(&from);
		l4_utcb()->xfer_timeouts =
			TIMEOUTS(time_period(SOON_US), TIME_NEVER);
		L4_Set_MsgTag(msgtag_make(0, 0, 60));
		for (unsigned i = 1; i <= 60; i++)
			L4_LoadMR(i, i % 2 ? item_string_word(SIZE) : NOWHERE);
		(void)L4_Send(receiver);
	}
}

static void receive_nowhere(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;) {
		L4_LoadBR(1, item_string_word(SIZE));
		L4_LoadBR(2, NOWHERE);
		L4_Accept(ACCEPT_STRINGS);
		(void)L4_Wait(&from);
	}
}

TEST(descriptions_that_change_in_the_middle_do_no_harm)
{
	static const uint64_t word[] = {0, UINT64_MAX, UINT64_MAX << 10 | 0x3f1,
		0x201, UINT64_C(1) << 63, UINT64_MAX - 7, 0x3f0};

	receiver = spawn(receive_nowhere, NULL);
	sender = spawn(send_from_nowhere, NULL);
	settle();
	page_by_tester(sender);
	page_by_tester(receiver);
	for (unsigned i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Send(sender);
		settle();
		fill_description(sender, word[i]);
		fill_description(receiver, word[i]);
		L4_Sleep(L4_TimePeriod(2 * SOON_US));
		settle();
	}
	end();
	begin(0, 0);
	check_completes();
	end();
}

TAP_MAIN(CASE(pages_that_both_sides_miss_come),
	CASE(each_partner_is_aborted_at_a_fault_of_each),
	CASE(what_a_partner_does_not_do_cannot_be_aborted),
	CASE(the_end_of_each_partner_at_a_fault_of_each_aborts_the_other),
	CASE(the_time_of_each_partner_ends_at_a_fault_of_each),
	CASE(times_for_other_transfers_do_not_count),
	CASE(halted_partners_carry_on_with_a_string),
	CASE(a_pager_that_ends_in_the_middle_aborts_it),
	CASE(descriptions_that_change_in_the_middle_do_no_harm))
