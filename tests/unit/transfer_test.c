/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings between domains, as two guest kernels see them that keep to no rule
 * but those of each test.
 */
/* link: tests/unit/ipcworld.c tests/unit/nomemory.c vmm/portal.c vmm/slotorder.c vmm/call.c vmm/timer.c vmm/clock.c vmm/loan.c vmm/message.c vmm/action.c vmm/notify.c vmm/event.c vmm/vmmcall.c vmm/transfer.c vmm/transfer_place.c vmm/transfer_page.c vmm/report/sample.c */
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/ipcworld.h"
#include "vmm/message.h"

#define SIZE 10000
#define FROM 100 /* where it lies in the client */
#define TO 200	 /* and in the server */
#define CALLER 7
#define SERVER 9 /* caller slots of the two threads */

/* Page tables: four pages at the end of memory, which map the rest of it. */
#define PAGE 4096
#define TABLES (WORLD_MEMORY - 4 * PAGE)
#define LAST_TABLE (WORLD_MEMORY - PAGE)
#define USABLE 7 /* present, write, user */
#define ACCESSED 0x20
#define DIRTY 0x40

/* Whole error codes without the bytes. */
#define OVERFLOW 8
#define TIMEOUT 10
#define TIMEOUT_PARTNER 12
#define ABORTED 14
#define RECEIVE 1
#define AFTER(bytes) ((uint32_t)(bytes) << 4)

static struct world w;
static struct domain *a;
static struct domain *b;
static uint32_t slot;
static struct portal *p;

static uint64_t *entry(unsigned domain, uint64_t table, uint64_t index)
{
	return (uint64_t *)(void *)(w.memory[domain] + table) + index;
}

/* Of the page with the byte at @address. */
static uint64_t *page(unsigned domain, uint64_t address)
{
	return entry(domain, LAST_TABLE, address / PAGE);
}

static void map_memory(unsigned domain)
{
	for (uint64_t at = TABLES; at < LAST_TABLE; at += PAGE)
		*entry(domain, at, 0) = (at + PAGE) | USABLE;
	for (uint64_t at = 0; at < TABLES; at += PAGE)
		*page(domain, at) = at | USABLE;
}

static void begin(void)
{
	world_make(&w);
	a = w.domain[0];
	b = w.domain[1];
	act(a, ACTION_WAIT);
	act(b, ACTION_WAIT);
	p = world_portal(b, a, PORTAL_CALL | PORTAL_SEND, &slot);
	accept_all(b, p);
	for (uint64_t i = 0; i < WORLD_MEMORY; i++)
		w.memory[0][i] = (char)(i * 7 + i / 256);
	map_memory(0);
	map_memory(1);
}

static void finish(void)
{
	CHECK(world_check(&w));
	world_end(&w);
}

/* What @d's kernel says of a thread, with the next action. */
static void describe(struct domain *d, uint32_t caller_slot)
{
	d->control->string.caller_slot = caller_slot;
	d->control->string.tables = TABLES | 0xfff; /* low bits do not count */
	d->control->string.timeout = CONTROL_NEVER;
}

static void set_br(struct domain *d, unsigned i, uint64_t value)
{
	d->control->string.br[STRING_BUFFERS - 1 - i] = value;
}

/* One buffer. */
static void buffer(struct domain *d, uint64_t address, uint64_t size)
{
	set_br(d, 0, 1);
	set_br(d, 1, size << 10);
	set_br(d, 2, address);
}

/* The next event; its kernel is at the idle point. */
static uint32_t next(struct domain *d)
{
	if (d->state != VCPU_AT_ACTION)
		act(d, ACTION_WAIT);
	return enter(d);
}

static void put_string(struct domain *d, uint64_t address, uint64_t size)
{
	d->control->message_out[0] = 2 << 6;
	d->control->message_out[1] = size << 10;
	d->control->message_out[2] = address;
}

static void start(uint32_t caller)
{
	a->control->string.caller_slot = caller;
	a->control->action = (struct action_args){
		.slot = slot,
		.caller_slot = caller,
		.version = 1,
		.send_timeout = CONTROL_NEVER,
		.receive_timeout = CONTROL_NEVER,
	};
	act(a, ACTION_CALL);
}

static void call_with_string(uint32_t caller, uint64_t size)
{
	put_string(a, FROM, size);
	describe(a, caller);
	start(caller);
}

/* The server's kernel answers, with one buffer. */
static void take(uint64_t size)
{
	describe(b, SERVER);
	buffer(b, TO, size);
	act(b, ACTION_STRING);
}

/* The client's. */
static void answer(void)
{
	describe(a, CALLER);
	act(a, ACTION_STRING);
}

static bool same(uint64_t size)
{
	return !memcmp(w.memory[0] + FROM, w.memory[1] + TO, size);
}

TEST(a_string_is_copied)
{
	begin();
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, SIZE);
	CHECK(same(SIZE));
	CHECK_EQ(w.memory[1][TO + SIZE], 0);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.caller_slot, SERVER);
	CHECK_EQ(b->control->event.error, 0);
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, CALLER), 1), 0);
	CHECK_EQ(next(a), EVENT_REPLY);
	finish();
}

TEST(pages_are_marked_as_used)
{
	begin();
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(*page(0, FROM) & (ACCESSED | DIRTY), ACCESSED);
	CHECK_EQ(*page(1, TO) & (ACCESSED | DIRTY), ACCESSED | DIRTY);
	CHECK_EQ(*page(1, TO + SIZE + PAGE) & (ACCESSED | DIRTY), 0);
	finish();
}

TEST(pieces_and_buffers_go_in_order)
{
	static const uint64_t item[] = {
		/* four bytes and four, then two: one string; then another */
		4 << 10 | 1 << 9 | 1 << 4, FROM, FROM + 100, 2 << 10, FROM + 50,
		3 << 10, FROM + 70};

	begin();
	a->control->message_out[0] = 7 << 6;
	memcpy(&a->control->message_out[1], item, sizeof(item));
	describe(a, CALLER);
	start(CALLER);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	buffer(b, TO, 11);
	set_br(b, 1, 11 << 10 | 1); /* another one follows */
	set_br(b, 3, 100 << 10);
	set_br(b, 4, TO + 20);
	describe(b, SERVER);
	act(b, ACTION_STRING);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, 0);
	CHECK(!memcmp(w.memory[1] + TO, w.memory[0] + FROM, 4));
	CHECK(!memcmp(w.memory[1] + TO + 4, w.memory[0] + FROM + 100, 4));
	CHECK(!memcmp(w.memory[1] + TO + 8, w.memory[0] + FROM + 50, 2));
	CHECK(!memcmp(w.memory[1] + TO + 20, w.memory[0] + FROM + 70, 3));
	CHECK_EQ(w.memory[1][TO + 10], 0);
	finish();
}

TEST(who_misses_a_page_is_asked)
{
	uint64_t at = 2 * PAGE;

	begin();
	*page(0, at) = 0;
	*page(1, at) &= ~UINT64_C(2); /* it may not be written */
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, at - TO);
	CHECK_EQ(next(a), EVENT_NONE);
	CHECK_EQ(next(b), EVENT_STRING_FAULT);
	CHECK_EQ(b->control->event.caller_slot, SERVER);
	CHECK_EQ(b->control->event.from, at);
	*page(1, at) |= USABLE;
	take(SIZE);
	CHECK_EQ(w.copied, at - FROM);
	CHECK_EQ(next(b), EVENT_NONE);
	CHECK_EQ(next(a), EVENT_STRING_FAULT);
	CHECK_EQ(a->control->event.caller_slot, CALLER);
	CHECK_EQ(a->control->event.from, at);
	*page(0, at) = at | USABLE;
	answer();
	CHECK(same(SIZE));
	CHECK_EQ(next(b), EVENT_STRING_END);
	finish();
}

/* Its first page is as the test has made it; the address of the fault. */
static void faults_at(uint64_t address)
{
	put_string(a, address, 8);
	start(CALLER);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(next(a), EVENT_STRING_FAULT);
	CHECK_EQ(a->control->event.from, address);
	finish();
}

TEST(what_the_tables_do_not_show_is_a_fault)
{
	begin();
	describe(a, CALLER);
	faults_at(UINT64_C(0x00007fffffff0000));
	begin();
	describe(a, CALLER);
	faults_at(UINT64_MAX);
	begin();
	describe(a, CALLER);
	*page(0, FROM) = FROM / PAGE * PAGE | 3; /* the kernel's */
	faults_at(FROM);
	begin();
	describe(a, CALLER);
	*entry(0, TABLES + 2 * PAGE, 0) = (LAST_TABLE + WORLD_MEMORY) | USABLE;
	faults_at(FROM);
	begin();
	describe(a, CALLER);
	a->control->string.tables = WORLD_MEMORY;
	faults_at(FROM);
}

TEST(a_hole_in_a_window_is_a_fault)
{
	begin();
	call_with_string(CALLER, SIZE);
	*page(1, PAGE) = WORLD_HOLE | USABLE;
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(next(b), EVENT_STRING_FAULT);
	CHECK_EQ(b->control->event.from, PAGE);
	*page(1, PAGE) = PAGE | USABLE;
	*page(0, PAGE) = WORLD_HOLE | USABLE;
	take(SIZE);
	CHECK_EQ(next(a), EVENT_STRING_FAULT);
	CHECK_EQ(a->control->event.from, PAGE);
	finish();
}

TEST(a_large_page_is_copied_in_one_piece)
{
	begin();
	*entry(0, TABLES + 2 * PAGE, 0) = USABLE | 0x80;
	*entry(1, TABLES + 2 * PAGE, 0) = USABLE | 0x80;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK(same(SIZE));
	finish();
}

TEST(pages_side_by_side_are_copied_in_one_piece)
{
	begin();
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copies, 1);
	CHECK(same(SIZE));
	finish();
}

TEST(pages_that_are_not_are_copied_apart)
{
	begin();
	*page(1, PAGE) = 2 * PAGE | USABLE;
	*page(1, 2 * PAGE) = PAGE | USABLE;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, SIZE);
	CHECK_EQ(w.copies, 3);
	CHECK(!memcmp(
		w.memory[1] + 2 * PAGE, w.memory[0] + FROM + PAGE - TO, PAGE));
	CHECK(!memcmp(w.memory[1] + PAGE, w.memory[0] + FROM + 2 * PAGE - TO,
		TO + SIZE - 2 * PAGE));
	finish();
}

TEST(no_more_than_a_window_is_copied_at_an_exit)
{
	begin();
	call_with_string(CALLER, 3 * STRING_WINDOW);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(3 * STRING_WINDOW);
	CHECK_EQ(w.copied, STRING_WINDOW);
	CHECK_EQ(next(b), EVENT_STRING);
	take(3 * STRING_WINDOW);
	CHECK_EQ(w.copied, 2 * STRING_WINDOW);
	finish();
}

TEST(tables_of_before_an_unmap_are_not_used)
{
	begin();
	call_with_string(CALLER, SIZE);
	a->control->string_epoch++;
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(a->control->string_copying, 0);
	CHECK_EQ(next(a), EVENT_STRING);
	b->control->string_epoch++;
	answer();
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(next(b), EVENT_STRING);
	take(SIZE);
	CHECK_EQ(w.copied, SIZE);
	finish();
}

TEST(a_page_that_is_no_memory_aborts)
{
	begin();
	call_with_string(CALLER, SIZE);
	*page(0, FROM) = WORLD_MEMORY | USABLE;
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, ABORTED | RECEIVE);
	finish();
}

TEST(a_caller_slot_that_there_cannot_be_ends_the_domain)
{
	static const uint32_t wrong[] = {0, CALLER_SLOT_MAX + 1};

	for (unsigned i = 0; i < 2; i++) {
		begin();
		call_with_string(CALLER, SIZE);
		CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
		describe(b, wrong[i]);
		act(b, ACTION_STRING);
		CHECK_EQ(b->life, DOMAIN_CRASHED);
		CHECK_EQ(next(a), EVENT_ERROR);
		CHECK_EQ(a->control->event.error, ABORTED);
		finish();
	}
}

TEST(an_answer_that_nobody_asked_for_is_ignored)
{
	begin();
	*page(1, TO) = 0;
	call_with_string(CALLER, SIZE);
	answer();
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	answer();
	CHECK_EQ(w.copied, 0);
	take(SIZE);
	CHECK_EQ(next(b), EVENT_STRING_FAULT);
	*page(1, TO) = USABLE;
	answer();
	CHECK_EQ(w.copied, 0);
	take(SIZE);
	CHECK(same(SIZE));
	take(SIZE);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(next(b), EVENT_NONE);
	take(SIZE);
	finish();
}

TEST(no_room_is_an_overflow_at_its_byte)
{
	begin();
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(33);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, AFTER(33) | OVERFLOW);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, AFTER(33) | OVERFLOW | RECEIVE);
	finish();
	/* Who accepts no strings has none, not even for no bytes. */
	for (unsigned size = 0; size <= SIZE; size += SIZE) {
		begin();
		call_with_string(CALLER, size);
		CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
		describe(b, SERVER);
		buffer(b, TO, SIZE);
		set_br(b, 0, 0);
		act(b, ACTION_STRING);
		CHECK_EQ(next(a), EVENT_ERROR);
		CHECK_EQ(a->control->event.error, OVERFLOW);
		finish();
	}
}

TEST(more_bytes_than_an_error_code_holds_are_told_as_the_most)
{
	begin();
	*page(1, TO) = 0;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	call_find(a, CALLER)->transfer.done = UINT64_C(0x12345678a);
	transfer_abort(call_find(a, CALLER));
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, AFTER(STRING_BYTES_TOLD) | ABORTED);
	finish();
}

TEST(room_for_just_as_much_is_enough)
{
	begin();
	call_with_string(CALLER, 33);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(33);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, 0);
	finish();
}

static void expire(void)
{
	timer_expire(&w.ex.timers, clock_now() + 1000000, 9);
}

/* A call whose transfer has as many ticks, into a page that is missing. */
static void call_into_nowhere(uint64_t sender, uint64_t receiver)
{
	begin();
	*page(1, TO) = 0;
	put_string(a, FROM, SIZE);
	describe(a, CALLER);
	a->control->string.timeout = sender;
	start(CALLER);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	expire();
	describe(b, SERVER);
	buffer(b, TO, SIZE);
	b->control->string.timeout = receiver;
	act(b, ACTION_STRING);
}

TEST(a_page_fault_starts_the_time_of_both)
{
	call_into_nowhere(900000, CONTROL_NEVER);
	CHECK_EQ(next(b), EVENT_STRING_FAULT);
	expire();
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, TIMEOUT);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, TIMEOUT_PARTNER | RECEIVE);
	finish();
	call_into_nowhere(900000, 0);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, TIMEOUT_PARTNER);
	CHECK_EQ(next(b), EVENT_STRING_END);
	finish();
}

TEST(a_page_that_comes_stops_the_time)
{
	call_into_nowhere(900000, CONTROL_NEVER);
	CHECK_EQ(next(b), EVENT_STRING_FAULT);
	*page(1, TO) = USABLE;
	a->control->string_epoch++;
	take(SIZE);
	expire();
	CHECK_EQ(next(a), EVENT_STRING);
	CHECK_EQ(next(b), EVENT_NONE);
	finish();
}

static uint32_t reply_with_string(uint32_t caller_slot)
{
	put_string(b, TO, 50);
	describe(b, caller_slot);
	b->control->action.to = REMOTE_ID_CALLER(p->slot, 0, CALLER);
	act(b, ACTION_REPLY);
	return b->control->action.result;
}

TEST(a_reply_has_strings_too)
{
	begin();
	call(a, slot, CALLER, 1);
	CHECK_EQ(next(b), EVENT_REQUEST);
	CHECK_EQ(reply_with_string(0), OVERFLOW);
	CHECK_EQ(reply_with_string(SERVER), RESULT_STRINGS);
	CHECK_EQ(next(a), EVENT_REPLY_STRINGS);
	CHECK_EQ(a->control->message_in[1], 50 << 10);
	buffer(a, FROM, 50);
	answer();
	CHECK_EQ(next(a), EVENT_STRING_END);
	CHECK_EQ(a->control->event.caller_slot, CALLER);
	CHECK_EQ(next(b), EVENT_SENT);
	CHECK_EQ(b->control->event.caller_slot, SERVER);
	CHECK(same(50));
	/* It has been answered. */
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, CALLER), 1), 4);
	finish();
}

TEST(death_in_the_middle_aborts)
{
	for (unsigned dies = 0; dies < 2; dies++) {
		begin();
		*page(1, PAGE) = 0;
		call_with_string(CALLER, SIZE);
		CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
		take(SIZE);
		domain_crash(w.domain[dies], "test");
		if (dies == 0) {
			CHECK_EQ(next(b), EVENT_STRING_END);
			CHECK_EQ(b->control->event.error,
				AFTER(PAGE - TO) | ABORTED | RECEIVE);
			CHECK_EQ(next(b), EVENT_NONE);
		} else {
			CHECK_EQ(next(a), EVENT_ERROR);
			CHECK_EQ(a->control->event.error,
				AFTER(PAGE - TO) | ABORTED);
		}
		finish();
	}
}

static void cancel(struct domain *d, uint32_t caller_slot)
{
	d->control->action.caller_slot = caller_slot;
	act(d, ACTION_CANCEL);
}

TEST(either_kernel_may_give_up)
{
	begin();
	*page(1, TO) = 0;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	take(SIZE);
	cancel(b, SERVER + 1); /* another thread */
	CHECK_EQ(next(a), EVENT_NONE);
	cancel(b, SERVER);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, ABORTED | RECEIVE);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	cancel(a, CALLER);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	/* The server hears of it when it has said who it is. */
	CHECK_EQ(next(b), EVENT_NONE);
	take(SIZE);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.caller_slot, SERVER);
	finish();
}

TEST(one_transfer_more_than_there_are_tickets_overflows)
{
	begin();
	*page(1, TO) = 0;
	for (uint32_t i = 0; i < STRING_TICKETS; i++) {
		call_with_string(1 + i, SIZE);
		CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
		describe(b, SERVER + i);
		buffer(b, TO, SIZE);
		act(b, ACTION_STRING);
		CHECK_EQ(next(b), EVENT_STRING_FAULT);
		CHECK_EQ(b->control->event.caller_slot, SERVER + i);
	}
	call_with_string(1 + STRING_TICKETS, SIZE);
	CHECK_EQ(next(b), EVENT_NONE);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, OVERFLOW);
	/* A reply finds none, either, and its call waits on. */
	call(a, slot, 99, 1);
	CHECK_EQ(next(b), EVENT_REQUEST);
	put_string(b, TO, 50);
	describe(b, 100);
	b->control->action.to = b->control->event.from;
	act(b, ACTION_REPLY);
	CHECK_EQ(b->control->action.result, OVERFLOW);
	CHECK_EQ(reply(b, b->control->event.from, 1), 0);
	finish();
}

TEST(the_vmm_takes_no_strings)
{
	begin();
	slot = PORTAL_SLOT_VMM;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, OVERFLOW);
	finish();
}

TAP_MAIN(CASE(a_string_is_copied), CASE(pages_are_marked_as_used),
	CASE(pieces_and_buffers_go_in_order), CASE(who_misses_a_page_is_asked),
	CASE(what_the_tables_do_not_show_is_a_fault),
	CASE(a_hole_in_a_window_is_a_fault),
	CASE(a_large_page_is_copied_in_one_piece),
	CASE(pages_side_by_side_are_copied_in_one_piece),
	CASE(pages_that_are_not_are_copied_apart),
	CASE(no_more_than_a_window_is_copied_at_an_exit),
	CASE(tables_of_before_an_unmap_are_not_used),
	CASE(a_page_that_is_no_memory_aborts),
	CASE(a_caller_slot_that_there_cannot_be_ends_the_domain),
	CASE(an_answer_that_nobody_asked_for_is_ignored),
	CASE(no_room_is_an_overflow_at_its_byte),
	CASE(more_bytes_than_an_error_code_holds_are_told_as_the_most),
	CASE(room_for_just_as_much_is_enough),
	CASE(a_page_fault_starts_the_time_of_both),
	CASE(a_page_that_comes_stops_the_time), CASE(a_reply_has_strings_too),
	CASE(death_in_the_middle_aborts), CASE(either_kernel_may_give_up),
	CASE(one_transfer_more_than_there_are_tickets_overflows),
	CASE(the_vmm_takes_no_strings))
