/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings between domains, as two guest kernels see them that keep to no rule
 * but those of each test.
 */
/* link: tests/unit/ipcworld.c vmm/portal.c vmm/call.c vmm/timer.c vmm/clock.c vmm/loan.c vmm/message.c vmm/action.c vmm/event.c vmm/vmmcall.c vmm/transfer.c vmm/report/sample.c */
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/ipcworld.h"
#include "vmm/message.h"

#define SIZE 10000
#define FROM 100 /* where it lies in the client */
#define TO 200	 /* and in the server */
#define CALLER 7

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
}

static void finish(void)
{
	CHECK(world_check(&w));
	world_end(&w);
}

/* One run in @d's page, for the next action. */
static void name(struct domain *d, uint64_t first, uint64_t gpa, uint64_t size,
	uint32_t flags)
{
	d->control->string = (struct string_args){
		.nr_runs = size ? 1 : 0,
		.flags = flags,
		.first = first,
		.timeout = CONTROL_NEVER,
		.run[0] = {gpa, size},
	};
}

/* The next event; its kernel is at the idle point. */
static uint32_t next(struct domain *d)
{
	if (d->state != VCPU_AT_ACTION)
		act(d, ACTION_WAIT);
	return enter(d);
}

static void put_string(struct domain *d, uint64_t size)
{
	d->control->message_out[0] = 2 << 6;
	d->control->message_out[1] = size << 10;
	d->control->message_out[2] = 0x1000;
}

static void call_with_string(uint32_t caller, uint64_t size)
{
	put_string(a, size);
	a->control->action = (struct action_args){
		.slot = slot,
		.caller_slot = caller,
		.version = 1,
		.send_timeout = CONTROL_NEVER,
		.receive_timeout = CONTROL_NEVER,
	};
	act(a, ACTION_CALL);
}

static void answer_ticket(uint32_t ticket)
{
	b->control->string.caller_slot = 0;
	b->control->string.ticket = ticket;
	act(b, ACTION_STRING);
}

static void answer_caller(void)
{
	a->control->string.caller_slot = CALLER;
	act(a, ACTION_STRING);
}

static bool same(uint64_t size)
{
	return !memcmp(w.memory[0] + FROM, w.memory[1] + TO, size);
}

TEST(one_run_on_either_side_is_one_copy)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, SIZE, 0);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(w.copied, SIZE);
	CHECK(same(SIZE));
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, 0);
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, CALLER), 1), 0);
	CHECK_EQ(next(a), EVENT_REPLY);
	finish();
}

TEST(who_has_named_too_little_is_asked)
{
	begin();
	name(a, 0, FROM, 10, 0);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	uint32_t ticket = b->control->event.ticket;
	name(b, 0, TO, 4, 0);
	answer_ticket(ticket);
	CHECK_EQ(w.copied, 4);
	CHECK_EQ(next(b), EVENT_STRING);
	CHECK_EQ(b->control->event.from, 4);
	name(b, 4, TO + 4, SIZE - 4, 0);
	answer_ticket(ticket);
	CHECK_EQ(w.copied, 10);
	CHECK_EQ(next(b), EVENT_NONE);
	CHECK_EQ(next(a), EVENT_STRING);
	CHECK_EQ(a->control->event.caller_slot, CALLER);
	CHECK_EQ(a->control->event.from, 10);
	name(a, 10, FROM + 10, SIZE - 10, STRING_LAST);
	answer_caller();
	CHECK(same(SIZE));
	CHECK_EQ(next(b), EVENT_STRING_END);
	finish();
}

TEST(no_more_than_a_window_is_copied_at_an_exit)
{
	begin();
	name(a, 0, FROM, 3 * STRING_WINDOW, STRING_LAST);
	call_with_string(CALLER, 3 * STRING_WINDOW);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, 3 * STRING_WINDOW, 0);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(w.copied, STRING_WINDOW);
	finish();
}

TEST(runs_of_before_an_unmap_are_not_used)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	a->control->string_epoch++;
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	uint32_t ticket = b->control->event.ticket;
	name(b, 0, TO, SIZE, 0);
	answer_ticket(ticket);
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(a->control->string_copying, 0);
	CHECK_EQ(next(a), EVENT_STRING);
	b->control->string_epoch++;
	name(a, 0, FROM, SIZE, STRING_LAST);
	answer_caller();
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(next(b), EVENT_STRING);
	name(b, 0, TO, SIZE, 0);
	answer_ticket(ticket);
	CHECK_EQ(w.copied, SIZE);
	finish();
}

TEST(a_run_that_is_no_memory_aborts)
{
	begin();
	name(a, 0, WORLD_MEMORY - 4, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, SIZE, 0);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(w.copied, 0);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, ABORTED | RECEIVE);
	finish();
}

TEST(runs_that_there_cannot_be_end_the_domain)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, SIZE, 0);
	b->control->string.nr_runs = STRING_RUNS + 1;
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(b->life, DOMAIN_CRASHED);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	finish();
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 4, TO, STRING_BYTES_MAX, 0);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(b->life, DOMAIN_CRASHED);
	finish();
}

TEST(no_room_is_an_overflow_at_its_byte)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, 33, STRING_CUT);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, AFTER(33) | OVERFLOW);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, AFTER(33) | OVERFLOW | RECEIVE);
	finish();
}

TEST(room_for_just_as_much_is_enough)
{
	begin();
	name(a, 0, FROM, 33, 0); /* LAST comes later */
	call_with_string(CALLER, 33);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, 33, STRING_CUT);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(next(a), EVENT_STRING);
	name(a, 33, 0, 0, STRING_LAST);
	answer_caller();
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, 0);
	finish();
}

static void expire(void)
{
	timer_expire(&w.ex.timers, clock_now() + 1000000, 9);
}

TEST(a_page_fault_starts_the_time_of_both)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	a->control->string.timeout = 900000;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	expire();
	name(b, 0, 0, 0, STRING_FAULT);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(next(b), EVENT_NONE);
	expire();
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, TIMEOUT);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, TIMEOUT_PARTNER | RECEIVE);
	finish();
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	a->control->string.timeout = 900000;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, 0, 0, STRING_FAULT);
	b->control->string.timeout = 0;
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, TIMEOUT_PARTNER);
	finish();
}

TEST(a_page_that_comes_stops_the_time)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	a->control->string.timeout = 900000;
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	uint32_t ticket = b->control->event.ticket;
	name(b, 0, 0, 0, STRING_FAULT);
	answer_ticket(ticket);
	name(b, 0, TO, 5, 0);
	answer_ticket(ticket);
	expire();
	CHECK_EQ(next(a), EVENT_NONE);
	CHECK_EQ(next(b), EVENT_STRING);
	finish();
}

TEST(a_reply_has_strings_too)
{
	begin();
	call(a, slot, CALLER, 1);
	CHECK_EQ(next(b), EVENT_REQUEST);
	put_string(b, 50);
	name(b, 0, TO, 50, STRING_LAST);
	b->control->action.to = b->control->event.from;
	act(b, ACTION_REPLY);
	CHECK_EQ(b->control->action.result, RESULT_STRINGS);
	CHECK_EQ(next(a), EVENT_REPLY_STRINGS);
	CHECK_EQ(a->control->message_in[1], 50 << 10);
	name(a, 0, FROM, 50, 0);
	answer_caller();
	CHECK_EQ(next(a), EVENT_STRING_END);
	CHECK_EQ(a->control->event.caller_slot, CALLER);
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.caller_slot, 0);
	CHECK(same(50));
	/* It has been answered. */
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, CALLER), 1), 4);
	finish();
}

TEST(death_in_the_middle_aborts)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, 20, 0);
	answer_ticket(b->control->event.ticket);
	domain_crash(a, "test");
	CHECK_EQ(next(b), EVENT_STRING_END);
	CHECK_EQ(b->control->event.error, AFTER(20) | ABORTED | RECEIVE);
	CHECK_EQ(next(b), EVENT_NONE);
	finish();
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, TO, 20, 0);
	answer_ticket(b->control->event.ticket);
	domain_crash(b, "test");
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, AFTER(20) | ABORTED);
	finish();
}

TEST(either_kernel_may_give_up)
{
	begin();
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	name(b, 0, 0, 0, STRING_ABORT);
	answer_ticket(b->control->event.ticket);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	CHECK_EQ(next(b), EVENT_STRING_END);
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	a->control->action.caller_slot = CALLER;
	act(a, ACTION_CANCEL);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, ABORTED);
	CHECK_EQ(next(b), EVENT_STRING_END);
	finish();
}

TEST(one_transfer_more_than_there_are_tickets_overflows)
{
	begin();
	for (uint32_t i = 0; i < STRING_TICKETS; i++) {
		name(a, 0, FROM, SIZE, STRING_LAST);
		call_with_string(1 + i, SIZE);
		CHECK_EQ(next(b), EVENT_REQUEST_STRINGS);
	}
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(1 + STRING_TICKETS, SIZE);
	CHECK_EQ(next(b), EVENT_NONE);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, OVERFLOW);
	/* A reply finds none, either, and its call waits on. */
	call(a, slot, 99, 1);
	CHECK_EQ(next(b), EVENT_REQUEST);
	put_string(b, 50);
	name(b, 0, TO, 50, STRING_LAST);
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
	name(a, 0, FROM, SIZE, STRING_LAST);
	call_with_string(CALLER, SIZE);
	CHECK_EQ(next(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, OVERFLOW);
	finish();
}

TAP_MAIN(CASE(one_run_on_either_side_is_one_copy),
	CASE(who_has_named_too_little_is_asked),
	CASE(no_more_than_a_window_is_copied_at_an_exit),
	CASE(runs_of_before_an_unmap_are_not_used),
	CASE(a_run_that_is_no_memory_aborts),
	CASE(runs_that_there_cannot_be_end_the_domain),
	CASE(no_room_is_an_overflow_at_its_byte),
	CASE(room_for_just_as_much_is_enough),
	CASE(a_page_fault_starts_the_time_of_both),
	CASE(a_page_that_comes_stops_the_time), CASE(a_reply_has_strings_too),
	CASE(death_in_the_middle_aborts), CASE(either_kernel_may_give_up),
	CASE(one_transfer_more_than_there_are_tickets_overflows),
	CASE(the_vmm_takes_no_strings))
