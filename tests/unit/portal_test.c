/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls through portals, as guest kernels see them: outcomes, errors in their
 * phase, capabilities, death, and random guests that keep to no rule.
 */
/* link: tests/unit/ipcworld.c tests/unit/nomemory.c vmm/portal.c vmm/slotorder.c vmm/call.c vmm/timer.c vmm/clock.c vmm/loan.c vmm/message.c vmm/action.c vmm/notify.c vmm/event.c vmm/vmmcall.c vmm/transfer.c vmm/transfer_place.c vmm/transfer_page.c vmm/report/sample.c */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/ipcworld.h"
#include "vmm/action.h"
#include "vmm/loan.h"
#include "vmm/message.h"

#define FUZZ_STEPS 300000

static struct world w;
static struct domain *a;
static struct domain *b;
static struct domain *c;

static void begin(void)
{
	world_make(&w);
	a = w.domain[0];
	b = w.domain[1];
	c = w.domain[2];
	for (unsigned i = 0; i < WORLD_DOMAINS; i++)
		act(w.domain[i], ACTION_WAIT);
}

static void finish(void)
{
	CHECK(world_check(&w));
	world_end(&w);
}

static void revoke_all(struct cap *cap)
{
	while (cap_revoke_piece(cap))
		;
}

TEST(call_and_reply_carry_the_words)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	call(a, slot, 7, 4711);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK_EQ(b->control->message_in[1], 4711);
	CHECK_EQ(b->control->event.from, REMOTE_ID_CALLER(p->slot, 0, 7));
	CHECK_EQ(reply(b, b->control->event.from, 42), 0);
	CHECK_EQ(enter(a), EVENT_REPLY);
	CHECK_EQ(a->control->event.caller_slot, 7);
	CHECK_EQ(a->control->message_in[1], 42);
	finish();
}

TEST(call_waits_at_a_portal_that_does_not_accept)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	call(a, slot, 1, 1);
	CHECK_EQ(enter(b), EVENT_NONE);
	CHECK_EQ(b->control->pending[0], UINT64_C(1) << p->slot);
	accept_all(b, p);
	b->control->action.slot = p->slot;
	b->control->action.to = 0;
	act(b, ACTION_ACCEPT);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK_EQ(b->control->pending[0], 0);
	finish();
}

TEST(zero_send_timeout_fails_at_once_if_nobody_accepts)
{
	uint32_t slot;

	begin();
	(void)world_portal(b, a, PORTAL_CALL | PORTAL_SEND, &slot);
	a->control->message_out[0] = 0;
	a->control->action = (struct action_args){
		.slot = slot, .caller_slot = 1, .version = 1};
	act(a, ACTION_SEND);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 2);
	finish();
}

TEST(send_timeout_and_receive_timeout_name_their_phase)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	a->control->message_out[0] = 0;
	a->control->action = (struct action_args){.slot = slot,
		.caller_slot = 1,
		.version = 1,
		.send_timeout = 1,
		.receive_timeout = 1};
	act(a, ACTION_CALL);
	timer_expire(&w.ex.timers, clock_now() + 10, 9);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 2);
	accept_all(b, p);
	act(a, ACTION_CALL);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	timer_expire(&w.ex.timers, clock_now() + 10, 9);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 3);
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, 1), 0), 4);
	finish();
}

TEST(cancel_names_its_phase)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	call(a, slot, 1, 0);
	act(a, ACTION_CANCEL);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 6);
	accept_all(b, p);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	a->control->action.caller_slot = 1;
	act(a, ACTION_CANCEL);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 7);
	finish();
}

TEST(death_of_the_server_ends_calls_in_their_phase)
{
	uint32_t slot;
	uint32_t slot_c;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	slot_c = cap_grant(c, p, PORTAL_CALL, -1, NULL);
	accept_all(b, p);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	b->control->accepting[0] = 0;
	call(c, slot_c, 1, 0);
	domain_crash(b, "test");
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 5);
	CHECK_EQ(enter(c), EVENT_ERROR);
	CHECK_EQ(c->control->event.error, 4);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 4);
	finish();
}

/* The portal of a configuration, whose capabilities the system gave. */
TEST(a_portal_of_the_configuration_outlives_its_server)
{
	struct domain *next;
	struct portal *p;
	uint32_t ab;

	begin();
	next = w.domain[3];
	p = portal_create(b, 0, "name");
	p->nr_caps++; /* the system's own */
	ab = cap_grant(a, p, PORTAL_CALL, -1, &b->cap[p->slot]);
	domain_crash(b, "test");
	call(a, ab, 1, 0);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 4);
	CHECK(portal_adopt(p, next));
	accept_all(next, p);
	call(a, ab, 1, 4711);
	CHECK_EQ(enter(next), EVENT_REQUEST);
	CHECK_EQ(next->control->message_in[1], 4711);
	revoke_all(&next->cap[p->slot]);
	CHECK_EQ(cap_find(a, p, PORTAL_CALL), 0);
	finish();
	free(p);
}

TEST(reply_to_a_dead_client_finds_no_partner)
{
	uint32_t slot;
	struct portal *p;
	uint64_t from;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	from = b->control->event.from;
	domain_crash(a, "test");
	CHECK_EQ(reply(b, from, 0), 4);
	finish();
}

TEST(rights_and_versions_are_checked)
{
	uint32_t slot;

	begin();
	(void)world_portal(b, a, PORTAL_SEND, &slot);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 4);
	call(a, slot + 1, 1, 0);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 4);
	a->control->action.slot = slot;
	a->control->action.version = 65;
	act(a, ACTION_SEND);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 4);
	finish();
}

TEST(map_items_do_not_pass)
{
	uint32_t slot;

	begin();
	(void)world_portal(b, a, PORTAL_CALL, &slot);
	a->control->message_out[0] = 2 << 6;
	a->control->message_out[1] = 8;
	a->control->action = (struct action_args){
		.slot = slot, .caller_slot = 1, .version = 1};
	act(a, ACTION_CALL);
	CHECK_EQ(enter(a), EVENT_ERROR);
	CHECK_EQ(a->control->event.error, 8);
	finish();
}

TEST(a_passed_thread_becomes_a_portal_and_revoking_takes_it_back)
{
	uint32_t slot;
	uint32_t got;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	a->control->message_out[0] = 2 << 6;
	a->control->message_out[1] =
		THREAD_ITEM_TYPE | PORTAL_CALL << THREAD_ITEM_RIGHTS_SHIFT;
	a->control->message_out[2] = UINT64_C(99) << 32 | 1;
	a->control->action = (struct action_args){.slot = slot,
		.caller_slot = 1,
		.version = 1,
		.send_timeout = CONTROL_NEVER,
		.receive_timeout = CONTROL_NEVER};
	act(a, ACTION_CALL);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	got = REMOTE_ID_SLOT(b->control->message_in[2]);
	REQUIRE(got && got < PORTAL_SLOTS);
	CHECK_EQ(b->cap[got].rights, PORTAL_CALL);
	CHECK_EQ(enter(a), EVENT_BOUND);
	CHECK_EQ(a->control->event.from, UINT64_C(99) << 32 | 1);
	call(b, got, 3, 5);
	accept_all(a, b->cap[got].portal);
	a->control->action.slot = a->control->event.slot;
	a->control->action.to = 0;
	act(a, ACTION_ACCEPT);
	CHECK_EQ(enter(a), EVENT_REQUEST);
	revoke_all(&a->cap[a->control->event.slot]);
	call(b, got, 4, 5);
	CHECK_EQ(enter(b), EVENT_ERROR);
	CHECK_EQ(b->control->event.error, 4);
	finish();
}

TEST(a_thread_has_one_portal_until_it_is_unbound)
{
	struct portal *first;
	struct portal *second;

	begin();
	CHECK(!portal_find_thread(a, 7));
	first = portal_create(a, 7, NULL);
	second = portal_create(a, 7, NULL);
	CHECK(portal_find_thread(a, 7) == first);
	CHECK(!portal_find_thread(b, 7));
	portal_unbind(first);
	CHECK(portal_find_thread(a, 7) == second);
	portal_bind(second, 8);
	CHECK(!portal_find_thread(a, 7));
	CHECK(portal_relieve(second, 9) != NULL);
	CHECK(portal_find_thread(a, 8) == second);
	CHECK(!portal_find_thread(a, 9));
	finish();
}

TEST(a_full_table_takes_again_what_was_revoked)
{
	struct portal *p;
	uint32_t slot;
	unsigned n = 0;

	begin();
	p = portal_create(a, 0, NULL);
	while ((slot = cap_grant(b, p, PORTAL_CALL, -1, &a->cap[p->slot])))
		CHECK_EQ(slot, ++n);
	CHECK_EQ(n, PORTAL_SLOTS - 1);
	CHECK(!portal_create(b, 0, NULL));
	CHECK_EQ(cap_find(b, p, PORTAL_CALL), 1);
	CHECK_EQ(cap_find(b, p, PORTAL_CALL | PORTAL_SEND), 0);
	CHECK_EQ(cap_grant(c, p, PORTAL_CALL, -1, &b->cap[9]), 1);
	revoke_all(&b->cap[9]);
	CHECK_EQ(cap_find(c, p, PORTAL_CALL), 0);
	CHECK_EQ(cap_grant(b, p, PORTAL_CALL, -1, NULL), 0);
	revoke_all(&a->cap[p->slot]);
	CHECK_EQ(cap_find(b, p, PORTAL_CALL), 0);
	CHECK_EQ(cap_grant(b, p, PORTAL_CALL, -1, NULL), 1);
	finish();
}

/* From hand to hand, and back. */
TEST(revoking_takes_long_chains_and_what_branches_off)
{
	struct cap *last;
	struct portal *p;

	begin();
	p = portal_create(a, 0, NULL);
	last = &a->cap[p->slot];
	for (unsigned i = 0; i < PORTAL_SLOTS - 1; i++) {
		struct domain *d = i % 2 ? c : b;

		last = &d->cap[cap_grant(d, p, PORTAL_CALL, -1, last)];
		CHECK(cap_grant(w.domain[3], p, PORTAL_CALL, -1, last) != 0);
	}
	CHECK_EQ(p->nr_caps, 2 * (PORTAL_SLOTS - 1) + 1);
	for (unsigned n = p->nr_caps; cap_revoke_piece(&a->cap[p->slot]);
		n = p->nr_caps)
		CHECK_EQ(n - p->nr_caps, PORTAL_PIECE);
	CHECK_EQ(p->nr_caps, 1);
	for (unsigned i = 1; i < WORLD_DOMAINS; i++)
		CHECK_EQ(cap_find(w.domain[i], p, PORTAL_CALL), 0);
	finish();
}

static void ask_to_revoke(struct domain *d, uint64_t slot)
{
	d->control->message_out[0] = VMM_PORTAL_REVOKE << 16 | 1;
	d->control->message_out[1] = slot;
	d->control->action = (struct action_args){.slot = PORTAL_SLOT_VMM,
		.caller_slot = 1,
		.version = 1,
		.send_timeout = CONTROL_NEVER,
		.receive_timeout = CONTROL_NEVER};
	act(d, ACTION_CALL);
}

TEST(a_request_to_revoke_is_carried_out_in_pieces)
{
	struct portal *p;
	unsigned pieces = 1;

	begin();
	p = portal_create(a, 0, NULL);
	for (unsigned i = 0; i < 3 * PORTAL_PIECE; i++)
		CHECK(cap_grant(b, p, PORTAL_CALL, -1, &a->cap[p->slot]));
	ask_to_revoke(a, p->slot);
	for (; a->vmm_call; pieces++)
		vmmcall_continue(a);
	CHECK_EQ(pieces, 3);
	CHECK_EQ(p->nr_caps, 1);
	CHECK_EQ(enter(a), EVENT_REPLY);
	CHECK_EQ(a->control->message_in[1], VMM_OK);
	ask_to_revoke(a, p->slot + 1);
	CHECK(!a->vmm_call);
	CHECK_EQ(enter(a), EVENT_REPLY);
	CHECK_EQ(a->control->message_in[1], VMM_EINVAL);
	finish();
}

static unsigned calls_of(const struct domain *d)
{
	const struct call *call;
	unsigned n = 0;

	TAILQ_FOREACH(call, &d->incoming, in)
	n++;
	TAILQ_FOREACH(call, &d->outgoing, out)
	n++;
	return n;
}

#define MANY (3 * PORTAL_PIECE)

/* a calls b, b calls c, and a has what b has made. */
static void crowd(uint32_t *ab)
{
	struct portal *p;
	uint32_t bc;

	(void)world_portal(b, a, PORTAL_CALL | PORTAL_NOTIFY, ab);
	a->cap[*ab].irq = 1;
	(void)world_portal(c, b, PORTAL_CALL, &bc);
	for (unsigned i = 1; i <= MANY; i++) {
		call(a, *ab, i, 0);
		call(b, bc, i, 0);
		p = portal_create(b, 100 + i, NULL);
		CHECK(cap_grant(a, p, PORTAL_CALL, -1, &b->cap[p->slot]));
	}
}

TEST(a_domain_that_has_much_ends_in_pieces)
{
	unsigned before, pieces = 0;
	uint32_t ab;

	begin();
	crowd(&ab);
	b->life = DOMAIN_CRASHED;
	for (before = calls_of(b); portal_unlink_piece(b);
		before = calls_of(b)) {
		CHECK(before - calls_of(b) <= PORTAL_PIECE);
		/* Nobody finds it any more meanwhile. */
		CHECK_EQ(enter(a), EVENT_ERROR);
		CHECK_EQ(a->control->event.error, 4);
		call(a, ab, 1000, 0);
		a->control->action.slot = ab;
		act(a, ACTION_NOTIFY);
		CHECK(!b->notified && !b->notify[1].timer.place);
		pieces++;
	}
	CHECK(pieces >= 4 * MANY / PORTAL_PIECE - 1);
	CHECK_EQ(calls_of(b), 0);
	CHECK_EQ(a->clients.nr, 0);
	finish();
}

TEST(a_context_runs_where_its_calls_lead)
{
	uint32_t ab;
	uint32_t bc;
	uint32_t ca;
	const struct call *via;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &ab);
	accept_all(b, p);
	p = world_portal(c, b, PORTAL_CALL, &bc);
	accept_all(c, p);
	(void)world_portal(a, c, PORTAL_CALL, &ca);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == NULL);
	call(a, ab, 1, 0);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == b);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	call(b, bc, 1, 0);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == c);
	CHECK_EQ(enter(c), EVENT_REQUEST);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == c);
	CHECK(loan_has_lender(&w.ex, c));
	call(c, ca, 1, 0); /* back to a, which accepts nothing: a deadlock */
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == NULL);
	finish();
}

/* Else it would drain what the server has reserved for itself. */
TEST(who_calls_with_slack_pays_for_it_at_a_server_with_a_reservation)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	b->ctx.slice = 1000;
	b->ctx.budget = 1000;
	call(a, slot, 1, 0);
	CHECK(loan_has_lender(&w.ex, b));
	a->ctx.slack = 0;
	CHECK(!loan_has_lender(&w.ex, b));
	a->ctx.slice = 1;
	a->ctx.budget = 1;
	CHECK(loan_has_lender(&w.ex, b));
	finish();
}

TEST(requests_are_not_the_work_of_the_domain_that_serves_them)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	act(b, ACTION_WAIT);
	CHECK(!domain_has_own_work(b));
	call(a, slot, 1, 0);
	CHECK(!domain_has_own_work(b));
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK(!domain_has_own_work(b));
	domain_raise(b, 3);
	CHECK(domain_has_own_work(b));
	act(b, ACTION_WAIT | ACTION_MORE_READY);
	CHECK(domain_has_own_work(b));
	(void)enter(b);
	CHECK(domain_has_own_work(b));
	act(b, ACTION_WAIT);
	CHECK(!domain_has_own_work(b));
	finish();
}

TEST(the_answer_to_its_call_is_a_domains_own_work)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	act(a, ACTION_WAIT);
	call(a, slot, 1, 0);
	CHECK(!domain_has_own_work(a));
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK_EQ(reply(b, b->control->event.from, 0), 0);
	CHECK(domain_has_own_work(a));
	CHECK_EQ(enter(a), EVENT_REPLY);
	CHECK(domain_has_own_work(a));
	finish();
}

/* It came when the kernel had looked already: nobody would wake it any more. */
TEST(who_waits_with_an_event_that_it_has_not_read_runs_on)
{
	uint32_t slot;
	struct portal *p;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	call(a, slot, 1, 0);
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK_EQ(reply(b, b->control->event.from, 0), 0);
	domain_prepare(a);
	act(a, ACTION_WAIT);
	CHECK(domain_can_run(a));
	CHECK_EQ(enter(a), EVENT_REPLY);
	act(a, ACTION_WAIT);
	CHECK(!domain_can_run(a));
	finish();
}

TEST(a_ring_carries_calls_but_no_context)
{
	const struct call *via;
	struct portal *p;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	p->ring = true;
	accept_all(b, p);
	call(a, slot, 1, 7);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == NULL);
	CHECK(loan_follow(&w.ex, &b->ctx, &via) == b);
	CHECK(!loan_has_lender(&w.ex, b));
	CHECK(domain_has_own_work(b));
	CHECK_EQ(enter(b), EVENT_REQUEST);
	CHECK_EQ(b->control->message_in[1], 7);
	CHECK(domain_has_own_work(b));
	CHECK_EQ(reply(b, b->control->event.from, 42), 0);
	act(b, ACTION_WAIT);
	CHECK(!domain_has_own_work(b));
	CHECK_EQ(enter(a), EVENT_REPLY);
	CHECK_EQ(a->control->message_in[1], 42);
	finish();
}

/* Neither the answer nor a death may leave the server with work to do. */
TEST(a_ring_is_empty_when_its_calls_have_ended)
{
	struct portal *p;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	p->ring = true;
	call(a, slot, 1, 7);
	call(a, slot, 2, 7);
	CHECK_EQ(b->ring_calls, 2);
	domain_stop(a, 0);
	CHECK_EQ(b->ring_calls, 0);
	CHECK(!domain_has_own_work(b));
	finish();
}

TEST(more_ready_takes_a_context_back_when_the_loan_pauses)
{
	uint32_t slot;
	const struct call *via;

	begin();
	(void)world_portal(b, a, PORTAL_CALL, &slot);
	call(a, slot, 1, 0);
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == NULL);
	a->more_ready = true;
	CHECK(loan_follow(&w.ex, &a->ctx, &via) == a);
	CHECK(via == NULL);
	finish();
}

TEST(the_last_call_record_says_no)
{
	uint32_t slot;
	unsigned n = 0;

	begin();
	(void)world_portal(b, a, PORTAL_CALL, &slot);
	do
		call(a, slot, ++n, 0);
	while (enter(a) == EVENT_NONE && n < 2 * CALLS_MAX);
	CHECK_EQ(n, CALLS_MAX);
	CHECK_EQ(a->control->event.error, 8);
	CHECK_EQ(a->life, DOMAIN_LIVE);
	finish();
}

static void busy(struct domain *server, const struct portal *p)
{
	server->control->accepting[p->slot / 64] &=
		~(UINT64_C(1) << p->slot % 64);
}

/* Once more: its kernel is at its idle point again. */
static uint32_t enter_idle(struct domain *d)
{
	act(d, ACTION_WAIT);
	return enter(d);
}

TEST(a_relief_gets_what_comes_while_the_first_is_busy)
{
	struct portal *p;
	struct portal *r;
	uint32_t slot;
	uint32_t slot_c;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	slot_c = cap_grant(c, p, PORTAL_CALL, -1, NULL);
	r = portal_relieve(p, UINT64_C(99) << 32 | 1);
	REQUIRE(r);
	CHECK_EQ(enter_idle(b), EVENT_BOUND);
	CHECK_EQ(b->control->event.slot, r->slot);
	accept_all(b, p);
	accept_all(b, r);
	call(a, slot, 1, 10);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.from, REMOTE_ID_CALLER(p->slot, 0, 1));
	busy(b, p);
	call(c, slot_c, 2, 20);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.slot, r->slot);
	CHECK_EQ(b->control->event.from, REMOTE_ID_CALLER(r->slot, 2, 2));
	CHECK_EQ(b->control->message_in[1], 20);
	/* Each is answered by the id that it came with. */
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 2, 2), 0), 4);
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(r->slot, 2, 2), 21), 0);
	CHECK_EQ(enter_idle(c), EVENT_REPLY);
	CHECK_EQ(c->control->message_in[1], 21);
	CHECK_EQ(reply(b, REMOTE_ID_CALLER(p->slot, 0, 1), 11), 0);
	CHECK_EQ(enter_idle(a), EVENT_REPLY);
	finish();
}

TEST(two_calls_at_once_go_to_two_threads)
{
	struct portal *p;
	struct portal *r;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	r = portal_relieve(p, UINT64_C(99) << 32 | 1);
	CHECK_EQ(enter_idle(b), EVENT_BOUND);
	accept_all(b, p);
	accept_all(b, r);
	call(a, slot, 1, 0);
	call(a, slot, 2, 0);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.slot, p->slot);
	CHECK_EQ(b->vcpu.run->request_interrupt_window, 1);
	busy(b, p);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.slot, r->slot);
	finish();
}

TEST(whoever_is_free_first_gets_what_is_queued)
{
	uint64_t bits;
	struct portal *p;
	struct portal *r;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	call(a, slot, 1, 0);
	r = portal_relieve(p, UINT64_C(99) << 32 | 1);
	bits = UINT64_C(1) << p->slot | UINT64_C(1) << r->slot;
	CHECK_EQ(b->control->pending[0], bits);
	CHECK_EQ(enter_idle(b), EVENT_BOUND);
	CHECK_EQ(enter_idle(b), EVENT_NONE);
	accept_all(b, r);
	b->control->action.slot = r->slot;
	b->control->action.to = 0;
	act(b, ACTION_ACCEPT);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.slot, r->slot);
	CHECK_EQ(b->control->pending[0], 0);
	busy(b, r);
	call(a, slot, 2, 0);
	CHECK_EQ(b->control->pending[0], bits);
	domain_crash(b, "test");
	CHECK_EQ(enter_idle(a), EVENT_ERROR);
	CHECK_EQ(enter_idle(a), EVENT_ERROR);
	finish();
}

/* Its kernel was preempted before it could clear the bit. */
TEST(who_does_not_wait_after_all_leaves_the_call_to_another)
{
	struct portal *p;
	struct portal *r;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	call(a, slot, 1, 0);
	busy(b, p);
	CHECK_EQ(enter_idle(b), EVENT_NONE);
	CHECK_EQ(b->control->pending[0], UINT64_C(1) << p->slot);
	r = portal_relieve(p, UINT64_C(99) << 32 | 1);
	CHECK_EQ(enter_idle(b), EVENT_BOUND);
	accept_all(b, p);
	accept_all(b, r);
	call(a, slot, 2, 0);
	busy(b, p);
	CHECK_EQ(enter_idle(b), EVENT_REQUEST);
	CHECK_EQ(b->control->event.slot, r->slot);
	finish();
}

/* The kernel asks for what is pending when the thread waits for anybody. */
TEST(who_waits_for_one_caller_hears_later_of_another)
{
	struct portal *p;
	uint32_t slot;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	accept_all(b, p);
	b->control->action.slot = p->slot;
	b->control->action.to = REMOTE_ID_CALLER(p->slot, 2, 5);
	act(b, ACTION_ACCEPT);
	call(a, slot, 1, 0);
	CHECK_EQ(enter_idle(b), EVENT_NONE);
	CHECK_EQ(b->control->pending[0], UINT64_C(1) << p->slot);
	finish();
}

static uint64_t relieve(uint64_t slot, uint64_t item, uint64_t thread)
{
	b->control->message_out[0] =
		(uint64_t)VMM_PORTAL_RELIEVE << 16 | 2 << 6 | 1;
	b->control->message_out[1] = slot;
	b->control->message_out[2] = item;
	b->control->message_out[3] = thread;
	b->control->action = (struct action_args){
		.slot = PORTAL_SLOT_VMM, .caller_slot = 1, .version = 1};
	act(b, ACTION_CALL);
	for (uint32_t type; (type = enter_idle(b)) != EVENT_REPLY;)
		if (type != EVENT_BOUND)
			return UINT64_MAX;
	return b->control->message_in[1];
}

TEST(reliefs_are_for_served_portals_and_not_too_many)
{
	const uint64_t item = THREAD_ITEM_TYPE;
	const uint64_t thread = UINT64_C(99) << 32 | 1;
	struct portal *p;
	uint32_t slot;
	uint32_t slot_b;

	begin();
	p = world_portal(b, a, PORTAL_CALL, &slot);
	(void)world_portal(a, b, PORTAL_CALL, &slot_b);
	CHECK_EQ(relieve(slot_b, item, thread), VMM_EINVAL);
	CHECK_EQ(relieve(PORTAL_SLOTS, item, thread), VMM_EINVAL);
	CHECK_EQ(relieve(p->slot, item, 0), VMM_EINVAL);
	CHECK_EQ(relieve(p->slot, item, REMOTE_ID_BIT | thread), VMM_EINVAL);
	CHECK_EQ(relieve(p->slot, item, thread), VMM_OK);
	CHECK_EQ(b->control->message_in[2], p->relief->slot);
	CHECK_EQ(relieve(p->relief->slot, item, thread), VMM_EINVAL);
	for (unsigned i = 1; i < PORTAL_RELIEFS_MAX; i++)
		CHECK_EQ(relieve(p->slot, item, thread), VMM_OK);
	CHECK_EQ(relieve(p->slot, item, thread), VMM_ENOSLOT);
	/* Clients do not reach them by the thread's id. */
	CHECK(portal_find_thread(b, thread) == NULL);
	finish();
}

static void scribble_strings(struct string_args *s)
{
	s->caller_slot = rand() % 64 ? 1 + (uint32_t)rand() % 6 : 0;
	s->tables = (uint64_t)(rand() % 4) << 12;
	s->timeout = rand() % 2 ? CONTROL_NEVER : (uint64_t)rand() % 1000;
	for (unsigned i = 0; i < STRING_BUFFERS; i++)
		s->br[i] = (uint64_t)rand() % 1000;
}

/* Anything at all in the page, small numbers more often than others. */
static void scribble(struct domain *d)
{
	volatile uint64_t *word = (volatile uint64_t *)d->control;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t x = (uint64_t)rand() << 33 ^ (uint64_t)rand();

		word[(unsigned)rand() % (CONTROL_SIZE / 8)] =
			rand() % 3 ? x & 0x7f : x;
	}
	d->control->action.slot = (uint32_t)rand() % 8;
	d->control->action.caller_slot = 1 + (uint32_t)rand() % 6;
	d->control->action.version = 1;
	d->control->message_out[0] = (uint64_t)(rand() % 4) << 6 |
				     (unsigned)(rand() % 4) |
				     (uint64_t)(rand() % 10) << 16;
	if (rand() % 2)
		d->control->message_out[1 + rand() % 4] = 0xfe;
	if (rand() % 3 == 0) /* a string */
		d->control->message_out[1 + rand() % 4] = 100 << 10;
	scribble_strings(&d->control->string);
	if (rand() % 2)
		d->control->action.to = REMOTE_ID_CALLER(
			rand() % 6, rand() % WORLD_DOMAINS, 1 + rand() % 6);
}

static void fuzz_step(void)
{
	struct domain *d = w.domain[rand() % WORLD_DOMAINS];
	uint32_t action;

	if (d->life != DOMAIN_LIVE)
		return;
	if (rand() % 5000 == 0) {
		domain_crash(d, "fuzz");
		return;
	}
	domain_prepare(d);
	scribble(d);
	if (rand() % 2)
		d->control->event.type = EVENT_NONE;
	action = (uint32_t)rand() % ACTION_NR;
	if (action == ACTION_STOP)
		action = ACTION_STRING;
	act(d, action | (rand() % 2 ? ACTION_MORE_READY : 0));
	if (rand() % 4 == 0)
		timer_expire(&w.ex.timers, clock_now() + (uint64_t)rand(), 4);
}

TEST(random_guests_break_nothing)
{
	uint32_t slot;

	srand(1);
	for (unsigned round = 0; round < 30; round++) {
		begin();
		for (unsigned i = 0; i < WORLD_DOMAINS; i++)
			for (unsigned k = 0; k < WORLD_DOMAINS; k++)
				(void)world_portal(w.domain[i], w.domain[k],
					PORTAL_RIGHTS, &slot);
		for (unsigned i = 0; i < FUZZ_STEPS / 30; i++) {
			fuzz_step();
			if (i % 64 == 0 && !world_check(&w))
				break;
		}
		finish();
	}
}

TAP_MAIN(CASE(call_and_reply_carry_the_words),
	CASE(call_waits_at_a_portal_that_does_not_accept),
	CASE(zero_send_timeout_fails_at_once_if_nobody_accepts),
	CASE(send_timeout_and_receive_timeout_name_their_phase),
	CASE(cancel_names_its_phase),
	CASE(death_of_the_server_ends_calls_in_their_phase),
	CASE(a_portal_of_the_configuration_outlives_its_server),
	CASE(reply_to_a_dead_client_finds_no_partner),
	CASE(rights_and_versions_are_checked), CASE(map_items_do_not_pass),
	CASE(a_passed_thread_becomes_a_portal_and_revoking_takes_it_back),
	CASE(a_thread_has_one_portal_until_it_is_unbound),
	CASE(a_full_table_takes_again_what_was_revoked),
	CASE(revoking_takes_long_chains_and_what_branches_off),
	CASE(a_request_to_revoke_is_carried_out_in_pieces),
	CASE(a_domain_that_has_much_ends_in_pieces),
	CASE(a_context_runs_where_its_calls_lead),
	CASE(who_calls_with_slack_pays_for_it_at_a_server_with_a_reservation),
	CASE(requests_are_not_the_work_of_the_domain_that_serves_them),
	CASE(the_answer_to_its_call_is_a_domains_own_work),
	CASE(who_waits_with_an_event_that_it_has_not_read_runs_on),
	CASE(a_ring_carries_calls_but_no_context),
	CASE(a_ring_is_empty_when_its_calls_have_ended),
	CASE(more_ready_takes_a_context_back_when_the_loan_pauses),
	CASE(the_last_call_record_says_no),
	CASE(a_relief_gets_what_comes_while_the_first_is_busy),
	CASE(two_calls_at_once_go_to_two_threads),
	CASE(whoever_is_free_first_gets_what_is_queued),
	CASE(who_does_not_wait_after_all_leaves_the_call_to_another),
	CASE(who_waits_for_one_caller_hears_later_of_another),
	CASE(reliefs_are_for_served_portals_and_not_too_many),
	CASE(random_guests_break_nothing))
