/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String items between spaces: pieces and buffers, page faults on either side,
 * transfer timeouts, aborts.
 * Source: L4 X.2 Reference Manual, "StringItem", "IPC" (XferTimeouts).
 */
#include <stddef.h>

#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define SIZE (2 * PAGE_SIZE)
#define LONG (40 * PAGE_SIZE) /* more than is copied in one go */

/* Where only the sender has memory of its own: nobody pages it. */
#define NOWHERE UINT64_C(0x50000000)

static char source[LONG] __attribute__((aligned(PAGE_SIZE)));
static char place[LONG] __attribute__((aligned(PAGE_SIZE)));

static uint64_t buffer[4]; /* BR1.. of the receiver */
static unsigned nr_buffer;
static uint64_t xfer_timeouts;
static volatile uint64_t received; /* the receiver's ErrorCode */

static void set_xfer_timeouts(uint64_t timeouts)
{
	l4_utcb()->xfer_timeouts = timeouts;
}

static void receive_strings(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;) {
		L4_MsgTag_t tag;

		for (unsigned i = 0; i < nr_buffer; i++)
			L4_LoadBR(i + 1, buffer[i]);
		L4_Accept(ACCEPT_STRINGS);
		set_xfer_timeouts(xfer_timeouts);
		tag = L4_Wait(&from);
		received = msgtag_failed(tag) ? L4_ErrorCode() : 0;
	}
}

/* A receiver in a space of its own; the tester has given it no page yet. */
static thread_id_t receiver(uint64_t address, uint64_t size)
{
	buffer[0] = item_string_word(size);
	buffer[1] = address;
	nr_buffer = 2;
	received = 99;
	for (unsigned i = 0; i < LONG; i++) {
		source[i] = (char)(i * 7 + i / 256);
		place[i] = 0;
	}

	thread_id_t id = spawn_in_new_space(receive_strings, NULL);

	settle();
	return id;
}

static uint64_t send_string(thread_id_t to, uint64_t address, uint64_t size)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_string_word(size));
	L4_LoadMR(2, address);

	uint64_t code = msgtag_failed(L4_Send(to)) ? L4_ErrorCode() : 0;

	settle();
	return code;
}

static bool same(uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (place[i] != source[i])
			return false;
	return true;
}

TEST(a_string_arrives_where_pages_are_missing)
{
	thread_id_t to = receiver((uint64_t)place + 5, SIZE);

	CHECK_EQ(send_string(to, (uint64_t)source + 5, SIZE), 0);
	CHECK_EQ(received, 0);
	CHECK(place[4] == 0 && place[5 + SIZE] == 0);
	for (unsigned i = 0; i < SIZE; i++)
		if (place[5 + i] != source[5 + i])
			CHECK_EQ(i, SIZE);
	kill(to);
}

TEST(a_long_string_arrives)
{
	thread_id_t to = receiver((uint64_t)place, LONG);

	CHECK_EQ(send_string(to, (uint64_t)source, LONG), 0);
	CHECK_EQ(received, 0);
	CHECK(same(LONG));
	kill(to);
}

TEST(a_short_buffer_cuts_the_string)
{
	thread_id_t to = receiver((uint64_t)place, PAGE_SIZE + 3);
	uint64_t at = PAGE_SIZE + 3;

	CHECK_EQ(send_string(to, (uint64_t)source, SIZE),
		ipc_error_code(IPC_SEND, IPC_OVERFLOW, at));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, at));
	CHECK(same(at) && place[at] == 0);
	kill(to);
}

TEST(the_transfer_ends_in_time)
{
	/* The receiver's second page never comes. */
	xfer_timeouts = TIMEOUTS(TIME_NEVER, time_period(20000));

	thread_id_t to = receiver(NOWHERE, SIZE);

	CHECK_EQ(send_string(to, (uint64_t)source, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT_PARTNER, 0));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT, 0));
	kill(to);
	xfer_timeouts = 0;
	set_xfer_timeouts(TIMEOUTS(TIME_ZERO, TIME_NEVER));
	to = receiver(NOWHERE, SIZE);
	CHECK_EQ(send_string(to, (uint64_t)source, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, 0));
	CHECK_EQ(received,
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER, 0));
	set_xfer_timeouts(0);
	kill(to);
}

/* The sender's fault is a message, too, and takes nothing from its string. */
TEST(what_was_copied_before_a_fault_is_told)
{
	thread_id_t to = receiver((uint64_t)place, SIZE);

	set_xfer_timeouts(TIMEOUTS(time_period(20000), TIME_NEVER));
	L4_Set_MsgTag(msgtag_make(0, 0, 3));
	L4_LoadMR(1, item_string_word(PAGE_SIZE) | 1 << 4); /* two pieces */
	L4_LoadMR(2, (uint64_t)source);
	L4_LoadMR(3, NOWHERE);
	CHECK(msgtag_failed(L4_Send(to)));
	CHECK_EQ(L4_ErrorCode(),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, PAGE_SIZE));
	settle();
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER,
				   PAGE_SIZE));
	set_xfer_timeouts(0);
	kill(to);
}

TEST(a_transfer_ends_at_a_point_on_the_clock)
{
	uint64_t now = L4_SystemClock();
	thread_id_t to;

	xfer_timeouts = TIMEOUTS(TIME_NEVER, time_point(now + 20000, now));
	to = receiver(NOWHERE, SIZE);
	CHECK_EQ(send_string(to, (uint64_t)source, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT_PARTNER, 0));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT, 0));
	CHECK(L4_SystemClock() >= now + 20000);
	kill(to);
	xfer_timeouts = 0;
}

TEST(of_two_equal_timeouts_the_senders_counts)
{
	thread_id_t to;

	xfer_timeouts = TIMEOUTS(TIME_ZERO, TIME_ZERO);
	set_xfer_timeouts(TIMEOUTS(TIME_ZERO, TIME_ZERO));
	to = receiver(NOWHERE, SIZE);
	CHECK_EQ(send_string(to, (uint64_t)source, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, 0));
	CHECK_EQ(received,
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER, 0));
	kill(to);
	xfer_timeouts = 0;
	set_xfer_timeouts(0);
}

static thread_id_t target;
static volatile uint64_t sent;

static void send_nowhere(void *arg)
{
	(void)arg;
	sent = send_string(target, (uint64_t)source, SIZE);
	L4_Sleep(L4_Never);
}

TEST(a_transfer_is_aborted)
{
	target = receiver(NOWHERE, SIZE);
	sent = 99;

	thread_id_t sender = spawn(send_nowhere, NULL);
	struct l4_exregs regs = {
		.thread = sender.raw,
		.control = EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
	};

	settle();
	CHECK_EQ(sent, 99);
	(void)L4_ExchangeRegisters(&regs);
	CHECK_EQ(regs.control, EXREGS_WAS_SENDING);
	settle();
	CHECK_EQ(sent, ipc_error_code(IPC_SEND, IPC_ABORTED, 0));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
	kill(sender);
	kill(target);
}

/* Its message is the receiver's, with no instruction's address. */
TEST(the_receivers_fault_is_told_its_pager)
{
	thread_id_t sender;
	struct l4_exregs regs = {
		.control = EXREGS_SET_PAGER,
		.pager = L4_MyGlobalId().raw,
	};
	L4_MsgTag_t tag;
	uint64_t address, ip;

	target = receiver(NOWHERE + 5, SIZE);
	regs.thread = target.raw;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	sender = spawn(send_nowhere, NULL);
	tag = L4_Receive_Timeout(target, L4_TimePeriod(200000));
	L4_StoreMR(1, &address);
	L4_StoreMR(2, &ip);
	CHECK_EQ(tag.raw,
		msgtag_make(PROTOCOL_PAGEFAULT | FPAGE_W, PAGEFAULT_WORDS, 0)
			.raw);
	CHECK_EQ(address, NOWHERE + 5);
	CHECK_EQ(ip, PAGEFAULT_NO_IP);
	kill(sender);
	kill(target);
}

TEST(a_partner_that_dies_aborts_it)
{
	target = receiver(NOWHERE, SIZE);
	sent = 99;

	thread_id_t sender = spawn(send_nowhere, NULL);

	settle();
	kill(target);
	settle();
	CHECK_EQ(sent, ipc_error_code(IPC_SEND, IPC_ABORTED, 0));
	kill(sender);
}

TAP_MAIN(CASE(a_string_arrives_where_pages_are_missing),
	CASE(a_long_string_arrives), CASE(a_short_buffer_cuts_the_string),
	CASE(the_transfer_ends_in_time),
	CASE(what_was_copied_before_a_fault_is_told),
	CASE(a_transfer_ends_at_a_point_on_the_clock),
	CASE(of_two_equal_timeouts_the_senders_counts),
	CASE(a_transfer_is_aborted),
	CASE(the_receivers_fault_is_told_its_pager),
	CASE(a_partner_that_dies_aborts_it))
