/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings between domains, in calls and in replies: pieces and buffers, cuts,
 * page faults on either side, transfer timeouts, aborts.
 * Source: L4 X.2 Reference Manual, "StringItem", "IPC" (XferTimeouts).
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/string_memory.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

#define LONG_US 5000000 /* no test takes that long */
#define SHORT_US 20000

#define SIZE (2 * 4096)
#define LARGE (5 * STRING_WINDOW / 2)
#define COPY_FRAMES 64u

_Static_assert(LARGE <= STRINGS_MAX, "more than is copied in one go");

static thread_id_t server;
static char stack[2][8192] __attribute__((aligned(16)));

static uint64_t call(void)
{
	L4_MsgTag_t tag = L4_Call_Timeouts(
		server, L4_TimePeriod(LONG_US), L4_TimePeriod(LONG_US));

	return msgtag_failed(tag) ? L4_ErrorCode() : 0;
}

static uint64_t ask(uint64_t label, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t result = UINT64_MAX;

	L4_Set_MsgTag(msgtag_make(label, 3, 0));
	L4_LoadMR(1, a);
	L4_LoadMR(2, b);
	L4_LoadMR(3, c);
	CHECK_EQ(call(), 0);
	L4_StoreMR(1, &result);
	return result;
}

/* The server's buffers from now on. */
static void prepare(enum strings_kind kind, uint64_t size, uint64_t timeouts)
{
	(void)ask(STRINGS_PREPARE, kind, size, timeouts);
}

/* A call with strings; returns the error code or 0. */
static uint64_t give(enum strings_kind kind, uint64_t size)
{
	uint64_t word[STRINGS_WORDS];
	unsigned n = strings_source(kind, size, word);

	L4_Set_MsgTag(msgtag_make(STRINGS_TAKE, 1, n));
	L4_LoadMR(1, 41);
	for (unsigned i = 0; i < n; i++)
		L4_LoadMR(2 + i, word[i]);
	return call();
}

/* How much of the pattern has arrived there. */
static uint64_t arrived(void)
{
	return ask(STRINGS_LOOK, 0, 0, 0);
}

static uint64_t receive_error(void)
{
	return ask(STRINGS_ERRORS, 0, 0, 0);
}

/* A call whose reply has strings; returns the error code or 0. */
static uint64_t fetch(enum strings_kind kind, uint64_t size, uint64_t timeouts)
{
	L4_Set_MsgTag(msgtag_make(STRINGS_GIVE, 3, 0));
	L4_LoadMR(1, kind);
	L4_LoadMR(2, size);
	L4_LoadMR(3, timeouts);
	return call();
}

TEST(a_string_arrives_with_its_words)
{
	uint64_t word;

	prepare(STRINGS_MAPPED, SIZE, 0);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE), 0);
	L4_StoreMR(1, &word);
	CHECK_EQ(word, 42);
	CHECK_EQ(arrived(), SIZE);
	CHECK_EQ(receive_error(), 0);
}

TEST(a_string_comes_with_a_reply)
{
	uint64_t word;

	strings_accept(STRINGS_MAPPED, SIZE);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0), 0);
	L4_StoreMR(1, &word);
	CHECK_EQ(word, SIZE);
	CHECK_EQ(strings_right(SIZE), SIZE);
	(void)receive_error();
	L4_StoreMR(2, &word);
	CHECK_EQ(word, 0);
}

TEST(pages_that_are_missing_come)
{
	prepare(STRINGS_FRESH, LARGE, 0);
	CHECK_EQ(give(STRINGS_FRESH, LARGE), 0);
	CHECK_EQ(arrived(), LARGE);
	strings_accept(STRINGS_FRESH, LARGE);
	CHECK_EQ(fetch(STRINGS_FRESH, LARGE, 0), 0);
	CHECK_EQ(strings_right(LARGE), LARGE);
}

TEST(pieces_are_one_stream)
{
	prepare(STRINGS_PIECES, SIZE, 0);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE), 0);
	CHECK_EQ(arrived(), SIZE);
	prepare(STRINGS_MAPPED, SIZE, 0);
	CHECK_EQ(give(STRINGS_PIECES, SIZE), 0);
	CHECK_EQ(arrived(), SIZE);
	prepare(STRINGS_PIECES, LARGE, 0);
	CHECK_EQ(give(STRINGS_PIECES, LARGE), 0);
	CHECK_EQ(arrived(), LARGE);
	strings_accept(STRINGS_PIECES, LARGE);
	CHECK_EQ(fetch(STRINGS_PIECES, LARGE, 0), 0);
	CHECK_EQ(strings_right(LARGE), LARGE);
}

TEST(two_strings_go_into_two_buffers)
{
	prepare(STRINGS_TWO, SIZE, 0);
	CHECK_EQ(give(STRINGS_TWO, SIZE), 0);
	CHECK_EQ(arrived(), SIZE);
	/* The second of them finds none here. */
	prepare(STRINGS_MAPPED, SIZE, 0);
	CHECK_EQ(give(STRINGS_TWO, SIZE),
		ipc_error_code(IPC_SEND, IPC_OVERFLOW, SIZE / 2));
	CHECK_EQ(arrived(), SIZE / 2);
	CHECK_EQ(receive_error(),
		ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, SIZE / 2));
}

TEST(a_short_buffer_cuts_the_string)
{
	prepare(STRINGS_MAPPED, SIZE, 0);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE + 1),
		ipc_error_code(IPC_SEND, IPC_OVERFLOW, SIZE));
	CHECK_EQ(receive_error(),
		ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, SIZE));
	CHECK_EQ(arrived(), SIZE);
	strings_accept(STRINGS_MAPPED, 100);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0),
		ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, 100));
	CHECK_EQ(strings_right(SIZE), 100);
	(void)receive_error();

	uint64_t reply_error;

	L4_StoreMR(2, &reply_error);
	CHECK_EQ(reply_error, ipc_error_code(IPC_SEND, IPC_OVERFLOW, 100));
}

TEST(who_accepts_no_strings_gets_none)
{
	prepare(STRINGS_NONE, SIZE, 0);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE), IPC_SEND_OVERFLOW);
	CHECK_EQ(receive_error(), IPC_RECEIVE_OVERFLOW);
	CHECK_EQ(give(STRINGS_MAPPED, 0), IPC_SEND_OVERFLOW);
	CHECK_EQ(receive_error(), IPC_RECEIVE_OVERFLOW);
	strings_accept(STRINGS_NONE, 0);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0), IPC_RECEIVE_OVERFLOW);
}

TEST(sizes_around_what_is_copied_in_one_go)
{
	static const uint64_t size[] = {0, 1, 4095, 4096, STRING_WINDOW - 1,
		STRING_WINDOW, STRING_WINDOW + 1, 2 * STRING_WINDOW};

	for (unsigned i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		prepare(STRINGS_MAPPED, size[i], 0);
		CHECK_EQ(give(STRINGS_MAPPED, size[i]), 0);
		CHECK_EQ(arrived(), size[i]);
	}
	(void)receive_error();
}

TEST(the_transfer_of_a_request_ends_in_time)
{
	uint64_t soon = TIMEOUTS(TIME_NEVER, time_period(SHORT_US));

	/* The receiver's page does not come, and its time is the shorter. */
	prepare(STRINGS_NOWHERE, SIZE, soon);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT_PARTNER, 0));
	CHECK_EQ(receive_error(),
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT, 0));
	/* The same with the sender's time, which is none. */
	prepare(STRINGS_NOWHERE, SIZE, 0);
	l4_utcb()->xfer_timeouts = TIMEOUTS(TIME_ZERO, TIME_NEVER);
	CHECK_EQ(give(STRINGS_MAPPED, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, 0));
	CHECK_EQ(receive_error(),
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER, 0));
	/* The sender's page does not come. */
	prepare(STRINGS_MAPPED, SIZE, 0);
	l4_utcb()->xfer_timeouts = TIMEOUTS(time_period(SHORT_US), TIME_NEVER);
	CHECK_EQ(give(STRINGS_NOWHERE, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, 0));
	CHECK_EQ(receive_error(),
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER, 0));
	l4_utcb()->xfer_timeouts = 0;
	strings_accept(STRINGS_NONE, 0);
}

TEST(the_transfer_of_a_reply_ends_in_time)
{
	uint64_t soon = TIMEOUTS(time_period(SHORT_US), TIME_NEVER);

	strings_accept(STRINGS_MAPPED, SIZE);
	CHECK_EQ(fetch(STRINGS_NOWHERE, SIZE, soon),
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT_PARTNER, 0));
	l4_utcb()->xfer_timeouts = TIMEOUTS(TIME_NEVER, time_period(SHORT_US));
	strings_accept(STRINGS_NOWHERE, SIZE);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0),
		ipc_error_code(IPC_RECEIVE, IPC_XFER_TIMEOUT, 0));
	l4_utcb()->xfer_timeouts = 0;
	strings_accept(STRINGS_NONE, 0);
	prepare(STRINGS_NONE, 0, 0);
}

/* A call with a string at @address, whose pager does not answer. */
static uint64_t give_at(uint64_t address, uint64_t size)
{
	uint64_t word[STRINGS_WORDS];

	(void)strings_source(STRINGS_NOWHERE, size, word);
	L4_Set_MsgTag(msgtag_make(STRINGS_TAKE, 1, 2));
	L4_LoadMR(1, 41);
	L4_LoadMR(2, word[0]);
	L4_LoadMR(3, address);
	return call();
}

TEST(windows_of_containers_are_memory_like_other)
{
	char *window = (char *)WINDOW_GPA;
	uint64_t ref;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, 4, 0), VMM_OK);
	REQUIRE(container_map(ref, 0, 4,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, WINDOW_GPA,
			NULL) == VMM_OK);
	for (unsigned i = 0; i < SIZE; i++)
		window[i] = string_byte(i);
	prepare(STRINGS_MAPPED, SIZE, 0);
	CHECK_EQ(give_at(WINDOW_GPA, SIZE), 0);
	CHECK_EQ(arrived(), SIZE);
	L4_LoadBR(1, item_string_word(SIZE));
	L4_LoadBR(2, WINDOW_GPA + SIZE);
	L4_Accept(ACCEPT_STRINGS);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0), 0);
	for (unsigned i = 0; i < SIZE; i++)
		if (window[SIZE + i] != string_byte(i))
			CHECK_EQ(i, SIZE);
	/* Where a frame is gone there is a page fault, after what was there. */
	CHECK_EQ(container_deallocate(ref, 1, 1, 0), VMM_OK);
	prepare(STRINGS_MAPPED, SIZE, 0);
	l4_utcb()->xfer_timeouts = TIMEOUTS(time_period(SHORT_US), TIME_NEVER);
	CHECK_EQ(give_at(WINDOW_GPA, SIZE),
		ipc_error_code(IPC_SEND, IPC_XFER_TIMEOUT, 4096));
	CHECK_EQ(arrived(), 4096);
	l4_utcb()->xfer_timeouts = 0;
	(void)receive_error();
	strings_accept(STRINGS_NONE, 0);
	CHECK_EQ(container_unmap(WINDOW_GPA, 4), VMM_OK);
}

/* What is written was shared until now; the frames before it still are. */
TEST(a_string_is_written_to_a_logical_copy)
{
	const uint64_t last = COPY_FRAMES * CONTAINER_FRAME_SIZE - SIZE;
	const char *window = (const char *)WINDOW_GPA;
	uint64_t ref, copy, right;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_create(&copy), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, COPY_FRAMES, 0), VMM_OK);
	CHECK_EQ(container_allocate(copy, 0, COPY_FRAMES, 0), VMM_OK);
	REQUIRE(container_map(ref, 0, COPY_FRAMES,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, WINDOW_GPA,
			NULL) == VMM_OK);
	*(volatile char *)WINDOW_GPA = 'x';
	CHECK_EQ(container_copy(ref, 0, copy, 0, COPY_FRAMES), VMM_OK);
	L4_LoadBR(1, item_string_word(SIZE));
	L4_LoadBR(2, WINDOW_GPA + last);
	L4_Accept(ACCEPT_STRINGS);
	CHECK_EQ(fetch(STRINGS_MAPPED, SIZE, 0), 0);
	for (right = 0; right < SIZE; right++)
		if (window[last + right] != string_byte(right))
			break;
	CHECK_EQ(right, SIZE);
	strings_accept(STRINGS_NONE, 0);
	CHECK_EQ(container_unmap(WINDOW_GPA, COPY_FRAMES), VMM_OK);
	CHECK_EQ(container_map(copy, 0, COPY_FRAMES, CONTAINER_MAP_READ,
			 WINDOW_GPA, NULL),
		VMM_OK);
	CHECK_EQ(window[0], 'x');
	CHECK_EQ(window[last + 1], 0);
	CHECK_EQ(container_unmap(WINDOW_GPA, COPY_FRAMES), VMM_OK);
}

static volatile uint64_t other_error;

static void give_from_nowhere(void *arg)
{
	(void)arg;
	other_error = give(STRINGS_NOWHERE, SIZE);
	L4_Sleep(L4_Never);
}

TEST(a_transfer_is_aborted)
{
	thread_id_t id;
	struct l4_exregs regs = {
		.control = EXREGS_CANCEL_SEND | EXREGS_CANCEL_RECEIVE,
	};

	prepare(STRINGS_MAPPED, SIZE, 0);
	other_error = 99;
	id = thread_create(give_from_nowhere, NULL, stack[0], sizeof(stack[0]));
	L4_Sleep(L4_TimePeriod(SHORT_US));
	CHECK_EQ(other_error, 99);
	regs.thread = id.raw;
	(void)L4_ExchangeRegisters(&regs);
	CHECK_EQ(regs.control, EXREGS_WAS_SENDING);
	L4_Sleep(L4_TimePeriod(SHORT_US));
	CHECK_EQ(other_error, ipc_error_code(IPC_SEND, IPC_ABORTED, 0));
	CHECK_EQ(receive_error(), ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
	(void)thread_delete(id);
}

TEST(a_sender_that_dies_aborts_it)
{
	thread_id_t id;

	prepare(STRINGS_MAPPED, SIZE, 0);
	id = thread_create(give_from_nowhere, NULL, stack[1], sizeof(stack[1]));
	L4_Sleep(L4_TimePeriod(SHORT_US));
	(void)thread_delete(id);
	CHECK_EQ(receive_error(), ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
}

/* The other domain, "mortal", gives a string from nowhere, and then ends. */
TEST(a_domain_that_dies_aborts_it)
{
	prepare(STRINGS_MAPPED, SIZE, 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Call(portal_find("mortal"))));
	L4_Sleep(L4_TimePeriod(10 * SHORT_US));
	CHECK_EQ(receive_error(), ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
}

/* The last test. */
TEST(a_server_that_dies_aborts_it)
{
	strings_accept(STRINGS_MAPPED, SIZE);
	L4_Set_MsgTag(msgtag_make(STRINGS_GIVE_AND_DIE, 3, 0));
	L4_LoadMR(1, STRINGS_NOWHERE);
	L4_LoadMR(2, SIZE);
	L4_LoadMR(3, 0);
	CHECK_EQ(call(), ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
}

int main(void)
{
	static const struct tap_case cases[] = {
		CASE(a_string_arrives_with_its_words),
		CASE(a_string_comes_with_a_reply),
		CASE(pages_that_are_missing_come),
		CASE(pieces_are_one_stream),
		CASE(two_strings_go_into_two_buffers),
		CASE(a_short_buffer_cuts_the_string),
		CASE(who_accepts_no_strings_gets_none),
		CASE(sizes_around_what_is_copied_in_one_go),
		CASE(the_transfer_of_a_request_ends_in_time),
		CASE(the_transfer_of_a_reply_ends_in_time),
		CASE(windows_of_containers_are_memory_like_other),
		CASE(a_string_is_written_to_a_logical_copy),
		CASE(a_transfer_is_aborted),
		CASE(a_sender_that_dies_aborts_it),
		CASE(a_domain_that_dies_aborts_it),
		CASE(a_server_that_dies_aborts_it),
	};

	strings_init();
	server = portal_from_args();
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
