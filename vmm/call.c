/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a call record: queued at the portal, accepted by the server,
 * done; the outcome stays until the caller's kernel has it.
 */
#include <stddef.h>

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/portal.h"

static void call_expire(struct timer *t, uint64_t now)
{
	struct call *c = TIMER_OF(t, struct call, timer);

	(void)now;
	if (c->state == CALL_STRINGS)
		transfer_expire(c);
	else
		call_fail(c, IPC_ERROR_TIMEOUT);
}

struct call *call_find(const struct domain *d, uint32_t caller_slot)
{
	struct call *c;

	TAILQ_FOREACH(c, &d->outgoing, out)
	if (c->caller_slot == caller_slot)
		return c;
	return NULL;
}

struct call *call_new(struct domain *d, uint32_t caller_slot)
{
	struct call_pool *pool = d->calls;
	struct call *c;

	if (pool->nr_free) {
		c = pool->free[--pool->nr_free];
	} else if (pool->used < CALLS_MAX) {
		c = &pool->call[pool->used++];
		c->caller = d;
		c->timer.expire = call_expire;
	} else {
		return NULL;
	}
	c->caller_slot = (uint16_t)caller_slot;
	return c;
}

bool call_room(const struct domain *d)
{
	return d->calls->nr_free || d->calls->used < CALLS_MAX;
}

void call_free(struct call *c)
{
	struct call_pool *pool = c->caller->calls;

	c->state = CALL_FREE;
	pool->free[pool->nr_free++] = c;
}

void portal_pending(struct portal *p)
{
	for (const struct portal *seat = p; seat; seat = seat->relief) {
		uint64_t bit = UINT64_C(1) << seat->slot % 64;
		uint64_t *word = &p->server->control->pending[seat->slot / 64];

		*word = TAILQ_EMPTY(&p->queue) ? *word & ~bit : *word | bit;
	}
}

/* The thread behind @p waits. */
static bool is_accepting(const struct portal *p)
{
	const uint64_t *accepting = p->server->control->accepting;

	return accepting[p->slot / 64] >> p->slot % 64 & 1;
}

/* For @c, or for anybody. */
static bool wants(const struct portal *p, const struct call *c)
{
	uint64_t from = p->accept_armed ? p->accept_from : 0;

	return !from || !REMOTE_ID_VERSION(from >> 6 << 6) ||
	       REMOTE_ID_CALLER(p->slot, c->caller->index, c->caller_slot) ==
		       from;
}

struct call *portal_next(struct portal *p)
{
	struct call *c;

	if (!is_accepting(p))
		return NULL;
	TAILQ_FOREACH(c, portal_calls(p), queue)
	if (wants(p, c))
		return c;
	return NULL;
}

/* The first behind @p that waits for @c, and gets nothing yet. */
static struct portal *seat_find(struct portal *p, const struct call *c)
{
	struct portal *waits = NULL;

	for (; p; p = p->relief) {
		if (!is_accepting(p) || !wants(p, c))
			continue;
		waits = p;
		if (!p->is_ready)
			break;
	}
	return waits;
}

/*
 * The server goes on in the context that runs now, whose domain calls: nothing
 * to decide, unless the server's own context would have to be looked at.
 */
static bool borrows(const struct domain *server, const struct domain *caller)
{
	const struct executor *ex = caller->ex;

	return server->ex == ex && ex->running == caller && ex->current &&
	       (context_has_budget(ex->current) || !server->ctx.slice);
}

static void portal_ready(struct portal *p, const struct domain *caller)
{
	if (p->is_ready)
		return;
	p->is_ready = true;
	TAILQ_INSERT_TAIL(&p->server->ready, p, ready);
	if (p->ring || !borrows(p->server, caller))
		domain_wake(p->server);
}

static uint64_t deadline_after(uint64_t ticks)
{
	uint64_t at = clock_now() + ticks;

	return at < ticks ? CLOCK_NEVER : at;
}

void call_queue(struct call *c, struct portal *p, uint64_t send_timeout)
{
	struct portal *seat = seat_find(p, c);

	c->portal = p;
	c->state = CALL_QUEUED;
	TAILQ_INSERT_HEAD(&c->caller->outgoing, c, out);
	TAILQ_INSERT_TAIL(&p->server->incoming, c, in);
	TAILQ_INSERT_TAIL(&p->queue, c, queue);
	p->server->ring_calls += p->ring;
	c->at_once = !send_timeout;
	if (seat) {
		portal_ready(seat, c->caller);
	} else if (c->at_once) {
		call_fail(c, IPC_ERROR_TIMEOUT);
		return;
	} else {
		portal_pending(p);
	}
	if (send_timeout && send_timeout != CLOCK_NEVER)
		timer_set(&c->caller->ex->timers, &c->timer,
			deadline_after(send_timeout));
}

static uint64_t receive_deadline(const struct call *c)
{
	if (c->receive_timeout == CLOCK_NEVER ||
		(c->flags & CALL_RECEIVE_POINT))
		return c->receive_timeout;

	return deadline_after(c->receive_timeout);
}

void call_take(struct call *c, struct portal *p)
{
	TAILQ_REMOVE(&c->portal->queue, c, queue);
	portal_pending(c->portal);
	c->portal = p;
	timer_cancel(&c->caller->ex->timers, &c->timer);
}

void call_limit(struct call *c, uint64_t at)
{
	timer_set(&c->caller->ex->timers, &c->timer, at);
	domain_wake(c->caller); /* another executor has to see the timer */
}

void call_accepted(struct call *c)
{
	c->state = CALL_ACCEPTED;
	if (!c->wants_reply)
		call_end(c, EVENT_SENT, 0);
	else if (c->receive_timeout != CLOCK_NEVER)
		call_limit(c, receive_deadline(c));
}

void call_end(struct call *c, uint32_t outcome, uint32_t error)
{
	struct domain *d = c->caller;

	timer_cancel(&d->ex->timers, &c->timer);
	if (c->state == CALL_QUEUED) {
		TAILQ_REMOVE(&c->portal->queue, c, queue);
		portal_pending(c->portal);
	}
	TAILQ_REMOVE(&c->portal->server->incoming, c, in);
	c->portal->server->ring_calls -= c->portal->ring;
	TAILQ_REMOVE(&d->outgoing, c, out);
	TAILQ_INSERT_TAIL(&d->done, c, out);
	c->state = CALL_DONE;
	c->outcome = outcome;
	c->error = error;
	domain_wake(d);
}

void call_fail(struct call *c, uint32_t error)
{
	uint32_t phase = c->state == CALL_ACCEPTED ? IPC_RECEIVE_PHASE : 0;

	if (c->state == CALL_STRINGS)
		transfer_abort(c);
	else
		call_end(c, EVENT_ERROR, error | phase);
}

void portal_offer(struct portal *p)
{
	if (p->is_ready || !portal_next(p))
		return;
	p->is_ready = true;
	TAILQ_INSERT_TAIL(&p->server->ready, p, ready);
}

void portal_miss(struct portal *p)
{
	p = p->head ? p->head : p;
	portal_pending(p);
	for (; p; p = p->relief)
		portal_offer(p);
}

void portal_offer_all(struct domain *d)
{
	struct call *c;

	/* Each portal once, by the first call in its queue. */
	TAILQ_FOREACH(c, &d->incoming, in)
	if (c->state == CALL_QUEUED && c == TAILQ_FIRST(&c->portal->queue))
		for (struct portal *p = c->portal; p; p = p->relief)
			portal_offer(p);
}
