/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a window does not show (any more): whoever touches it faults as
 * for any other page, in its own code and in the kernel's copies.
 *
 * Arguments: portal=NAME
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/container_server.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

#define READ CONTAINER_MAP_READ
#define WRITE CONTAINER_MAP_WRITE
#define FRAME CONTAINER_FRAME_SIZE
#define TIMEOUT L4_TimePeriod(1000000)
#define XFER_TIMEOUTS TIMEOUTS(L4_TimePeriod(10000), L4_TimePeriod(10000))
#define GPA WINDOW_GPA
#define DONE 7
#define ELSEWHERE (WINDOW_GPA + UINT64_C(0x1000000)) /* no window */

/* Requests to the thread whose pager is the tester: MR1 = address. */
enum {
	PEEK = 1,
	POKE = 2,
	SEND = 3,    /* a string from there */
	RECEIVE = 4, /* one to there */
	SPIN = 5,    /* read until DONE is there */
};

static char stack[8192] __attribute__((aligned(16)));
static char text[FRAME];
static thread_id_t tester, toucher;

static uint64_t touch(uint64_t label, uint64_t address)
{
	volatile uint64_t *word = (volatile uint64_t *)address;

	switch (label) {
	case PEEK:
		return *word;
	case POKE:
		return *word = 1;
	case SPIN:
		while (*word != DONE)
			;
		return DONE;
	case SEND:
		L4_Set_MsgTag(msgtag_make(0, 0, 2));
		L4_LoadMR(1, item_string_word(FRAME));
		L4_LoadMR(2, address);
		return msgtag_failed(L4_Send(tester));
	default:
		L4_LoadBR(1, item_string_word(FRAME));
		L4_LoadBR(2, address);
		L4_Accept(ACCEPT_STRINGS);
		return msgtag_failed(L4_Receive(tester));
	}
}

static void touch_for_tester(void *unused)
{
	L4_Msg_t msg;

	(void)unused;
	for (;;) {
		L4_MsgTag_t tag = L4_Receive(tester);
		uint64_t result;

		L4_MsgStore(tag, &msg);
		result = touch(L4_MsgLabel(&msg), L4_MsgWord(&msg, 0));
		L4_Accept(ACCEPT_UNTYPED);
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, result);
		(void)L4_Send(tester);
	}
}

static void ask(uint64_t label, uint64_t address)
{
	L4_Set_MsgTag(msgtag_make(label, 1, 0));
	L4_LoadMR(1, address);
	CHECK(!msgtag_failed(L4_Send_Timeout(toucher, TIMEOUT)));
}

/* What the toucher says: the result, or a fault's address. */
static uint64_t heard(uint64_t *label)
{
	L4_MsgTag_t tag = L4_Receive_Timeout(toucher, TIMEOUT);
	uint64_t word;

	CHECK(!msgtag_failed(tag));
	*label = msgtag_label(tag);
	L4_StoreMR(1, &word);
	return word;
}

static uint64_t result(void)
{
	uint64_t label = 99, word = heard(&label);

	CHECK_EQ(label, 0);
	return word;
}

/* Its own memory is mapped before the tester becomes its pager. */
static bool begin(void)
{
	struct l4_exregs regs = {
		.control = EXREGS_SET_PAGER,
		.pager = L4_MyGlobalId().raw,
	};

	tester = L4_MyGlobalId();
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (unsigned i = 0; i < sizeof(stack); i++)
		((volatile char *)stack)[i] = 0;
	toucher = thread_create(touch_for_tester, NULL, stack, sizeof(stack));
	if (thread_id_is_nil(toucher))
		return false;
	ask(POKE, (uint64_t)text);
	(void)result();
	regs.thread = toucher.raw;
	return !thread_id_is_nil(L4_ExchangeRegisters(&regs));
}

static void faults(uint64_t access, uint64_t address)
{
	uint64_t label = 99;

	CHECK_EQ(heard(&label), address);
	CHECK_EQ(label, PROTOCOL_PAGEFAULT | access);
}

static void go_on(void)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(toucher, TIMEOUT)));
}

static void take_from_sigma0(uint64_t gpa)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};

	CHECK(!fpage_is_nil(L4_Sigma0_GetPage(
		sigma0, fpage_make(gpa, FPAGE_LOG2_MIN, FPAGE_RIGHTS))));
}

static uint64_t with_frames(uint64_t count)
{
	uint64_t ref = 0;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, count, 0), VMM_OK);
	return ref;
}

static void show(uint64_t ref, uint64_t count, uint64_t flags)
{
	CHECK_EQ(container_map(ref, 0, count, flags, GPA, NULL), VMM_OK);
}

static void end(uint64_t ref)
{
	CHECK_EQ(container_unmap(GPA, 4), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

TEST(a_window_taken_out_faults_and_can_come_back)
{
	const uint64_t gpa = GPA;
	uint64_t ref = with_frames(4);

	show(ref, 4, READ | WRITE);
	ask(POKE, GPA + FRAME);
	CHECK_EQ(result(), 1);
	CHECK_EQ(container_request(CONTAINER_UNMAP, &gpa, 1, NULL), VMM_OK);
	ask(PEEK, GPA + FRAME);
	faults(FPAGE_R, GPA + FRAME);
	show(ref, 4, READ | WRITE);
	go_on();
	CHECK_EQ(result(), 1);
	end(ref);
}

TEST(a_frame_that_was_deallocated_faults_and_its_neighbours_do_not)
{
	uint64_t ref = with_frames(4);
	const uint64_t arg[] = {ref, 1, 2, 0};

	show(ref, 4, READ | WRITE);
	CHECK_EQ(container_request(CONTAINER_DEALLOCATE, arg, 4, NULL), VMM_OK);
	ask(PEEK, GPA);
	CHECK_EQ(result(), 0);
	ask(PEEK, GPA + 3 * FRAME);
	CHECK_EQ(result(), 0);
	ask(POKE, GPA + 2 * FRAME);
	faults(FPAGE_W, GPA + 2 * FRAME);
	CHECK_EQ(container_allocate(ref, 1, 2, 0), VMM_OK);
	take_from_sigma0(GPA + 2 * FRAME);
	go_on();
	CHECK_EQ(result(), 1);
	end(ref);
}

static void ask_server(uint64_t label, uint64_t there)
{
	L4_Set_MsgTag(msgtag_make(label, 2, 0));
	L4_LoadMR(1, there);
	L4_LoadMR(2, 1); /* take it out of other domains */
	CHECK(!msgtag_failed(L4_Call(portal_from_args())));
}

TEST(what_another_domain_locks_faults)
{
	uint64_t ref = with_frames(4), there = 0;

	show(ref, 4, READ);
	CHECK_EQ(
		container_share(ref, READ, portal_from_args(), &there), VMM_OK);
	ask_server(SHARED_LOCK, there);
	ask(PEEK, GPA);
	faults(FPAGE_R, GPA);
	ask_server(SHARED_UNLOCK, there);
	show(ref, 4, READ);
	go_on();
	CHECK_EQ(result(), 0);
	end(ref);
}

/* On two CPUs, while it is being read. */
TEST(a_window_goes_and_comes_under_a_reader)
{
	uint64_t ref = with_frames(4), there = 0;

	show(ref, 4, READ | WRITE);
	CHECK_EQ(
		container_share(ref, READ, portal_from_args(), &there), VMM_OK);
	ask(SPIN, GPA);
	for (unsigned i = 0; i < 20; i++) {
		ask_server(SHARED_LOCK, there);
		faults(FPAGE_R, GPA);
		ask_server(SHARED_UNLOCK, there);
		show(ref, 4, READ | WRITE);
		go_on();
	}
	*(volatile uint64_t *)GPA = DONE;
	CHECK_EQ(result(), DONE);
	end(ref);
}

TEST(a_write_to_a_window_that_is_read_only_faults)
{
	uint64_t ref = with_frames(4);

	show(ref, 4, READ);
	take_from_sigma0(GPA); /* with the right to write */
	ask(PEEK, GPA);
	CHECK_EQ(result(), 0);
	ask(POKE, GPA);
	faults(FPAGE_W, GPA);
	CHECK_EQ(container_unmap(GPA, 4), VMM_OK);
	show(ref, 4, READ | WRITE);
	go_on();
	CHECK_EQ(result(), 1);
	end(ref);
}

TEST(a_page_without_a_window_faults)
{
	uint64_t ref = with_frames(4);

	take_from_sigma0(GPA + FRAME);
	ask(PEEK, GPA + FRAME);
	faults(FPAGE_R, GPA + FRAME);
	show(ref, 4, READ | WRITE);
	go_on();
	CHECK_EQ(result(), 0);
	end(ref);
}

/* The kernel copies: its own access is the one that fails. */
TEST(a_string_from_a_page_without_a_window_faults_its_sender)
{
	uint64_t ref = with_frames(4);

	take_from_sigma0(GPA);
	ask(SEND, GPA);
	L4_LoadBR(1, item_string_word(FRAME));
	L4_LoadBR(2, (uint64_t)text);
	L4_Accept(ACCEPT_STRINGS);
	/* The tester cannot be receiver and pager: it takes the time-out. */
	l4_utcb()->xfer_timeouts = XFER_TIMEOUTS;
	CHECK(msgtag_failed(L4_Receive_Timeout(toucher, TIMEOUT)));
	CHECK_EQ(L4_ErrorCode() & 0xe, 0xa);
	L4_Accept(ACCEPT_UNTYPED);
	CHECK(result() != 0);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

TEST(a_string_to_a_window_that_is_read_only_faults_its_receiver)
{
	uint64_t ref = with_frames(4);

	show(ref, 4, READ);
	take_from_sigma0(GPA);
	ask(RECEIVE, GPA);
	l4_utcb()->xfer_timeouts = XFER_TIMEOUTS;
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_string_word(FRAME));
	L4_LoadMR(2, (uint64_t)text);
	CHECK(msgtag_failed(L4_Send_Timeout(toucher, TIMEOUT)));
	CHECK_EQ(L4_ErrorCode() & 0xe, 0xa);
	CHECK(result() != 0);
	end(ref);
}

TEST(notices_go_round_the_ring)
{
	uint64_t ref = with_frames(4);
	const uint64_t gpa = GPA;

	for (unsigned i = 0; i < 3 * NOTICES; i++) {
		const uint64_t arg[] = {ref, 0, 4, READ, GPA};

		CHECK_EQ(
			container_request(CONTAINER_MAP, arg, 5, NULL), VMM_OK);
		CHECK_EQ(container_request(CONTAINER_UNMAP, &gpa, 1, NULL),
			VMM_OK);
	}
	take_from_sigma0(ELSEWHERE);
	ask(PEEK, ELSEWHERE);
	faults(FPAGE_R, ELSEWHERE);
	CHECK(thread_delete(toucher) == 0);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

TEST(the_toucher_starts)
{
	CHECK(begin());
}

TAP_MAIN(CASE(the_toucher_starts),
	CASE(a_window_taken_out_faults_and_can_come_back),
	CASE(a_frame_that_was_deallocated_faults_and_its_neighbours_do_not),
	CASE(what_another_domain_locks_faults),
	CASE(a_window_goes_and_comes_under_a_reader),
	CASE(a_write_to_a_window_that_is_read_only_faults),
	CASE(a_page_without_a_window_faults),
	CASE(a_string_from_a_page_without_a_window_faults_its_sender),
	CASE(a_string_to_a_window_that_is_read_only_faults_its_receiver),
	CASE(notices_go_round_the_ring))
