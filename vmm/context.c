/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Releases, deadlines and budgets of one context.  Which context runs is the
 * executor's decision.
 */
#include "vmm/context.h"

#include <string.h>

#include "vmm/domain.h"
#include "vmm/executor.h"

/* The host's own context is released like a clocked one. */
static bool is_clocked(const struct context *c)
{
	return !c->domain || c->domain->period_irq >= 0;
}

/*
 * Budget that was there, and wanted all the time since it was usable: who has
 * just woken up, and has not been looked at since, has not been waiting.
 */
static void judge(struct context *c, uint64_t now)
{
	if (c->domain && c->ready && context_has_budget(c) &&
		now >= c->deadline_at && executor_context_ready(c->ex, c))
		c->broken = true;
}

static void due_expire(struct timer *t, uint64_t now)
{
	struct context *c = TIMER_OF(t, struct context, due_timer);

	executor_charge(c->ex, now);
	judge(c, now);
}

static void deadline_expire(struct timer *t, uint64_t now)
{
	struct context *c = TIMER_OF(t, struct context, deadline_timer);
	struct period_sample sample = {
		.release_ns = clock_ns_from_ticks(c->release),
		.first_entry_ns = clock_ns_from_ticks(c->first_entry),
	};

	if (!c->log)
		return;
	executor_charge(c->ex, now);
	judge(c, now);
	sample.received_by_deadline_ns = clock_ns_from_ticks(c->received);
	sample.ready_at_deadline = executor_context_ready(c->ex, c);
	if (c->slice)
		sample.guarantee =
			c->broken ? GUARANTEE_BROKEN : GUARANTEE_KEPT;
	c->periods++;
	c->missed += c->broken;
	c->broken = false;
	period_log_add(c->log, &sample);
}

/* Slack that a sleeper did not take is not kept for it. */
static void join_slack(struct context *c)
{
	if (c->virtual_time < c->ex->slack_floor)
		c->virtual_time = c->ex->slack_floor;
}

/* A sporadic server's budget. ---------------------------------------------- */

/* What is usable has been so since @at. */
static void usable_from(struct context *c, uint64_t at)
{
	c->usable_since = at;
	c->deadline_at = at + c->deadline;
	timer_set(&c->ex->timers, &c->due_timer, c->deadline_at);
	c->ex->decide = true;
}

/* What has been used comes back one period after it was usable. */
static void return_used(struct context *c)
{
	if (c->used)
		refill_add(&c->refill,
			refill_point(c->usable_since + c->period, c->release,
				c->period),
			c->used);
	c->used = 0;
	timer_cancel(&c->ex->timers, &c->due_timer);
}

/* Only who could use it, and has nothing, waits for what comes back. */
static void await_refill(struct context *c)
{
	timer_set(&c->ex->timers, &c->refill_timer,
		c->budget > 0 ? CLOCK_NEVER : refill_next(&c->refill));
}

/*
 * The budget is used up, and more may have come back.  Each amount keeps the
 * deadline that it had when it came; one that is past dates from a time when
 * the host stood still.
 */
static void use_next(struct context *c, uint64_t now)
{
	while (c->budget <= 0 && refill_next(&c->refill) <= now) {
		const uint64_t at = refill_next(&c->refill);

		c->budget += (int64_t)refill_take(&c->refill);
		usable_from(c, now < at + c->deadline ? at : now);
	}
	await_refill(c);
}

static void refill_expire(struct timer *t, uint64_t now)
{
	struct context *c = TIMER_OF(t, struct context, refill_timer);

	executor_charge(c->ex, now);
	if (c->ready && !is_clocked(c))
		use_next(c, now);
}

void context_consume(struct context *c, uint64_t t, uint64_t now)
{
	c->budget -= (int64_t)t;
	c->used += t;
	if (c->budget <= 0 && !is_clocked(c)) {
		return_used(c);
		use_next(c, now);
	}
}

void context_sleep(struct context *c, uint64_t now)
{
	c->slept_at = now;
	if (is_clocked(c))
		return;
	return_used(c);
	timer_cancel(&c->ex->timers, &c->refill_timer);
}

void context_wake(struct context *c, uint64_t now)
{
	join_slack(c);
	if (is_clocked(c)) {
		/*
		 * The rest keeps its deadline.  Without the time that passed it
		 * would, together with the next slice, exceed what was
		 * admitted.
		 */
		if (context_has_budget(c))
			c->budget = (int64_t)(now - c->slept_at) < c->budget
					    ? c->budget - (int64_t)(now -
								    c->slept_at)
					    : 0;
		return;
	}
	while (refill_next(&c->refill) <= now)
		c->budget += (int64_t)refill_take(&c->refill);
	if (context_has_budget(c))
		usable_from(c, now);
	await_refill(c);
}

/* Periods. ----------------------------------------------------------------- */

/* All of the slice, but for what was used since the last release. */
static void release_budget(struct context *c, uint64_t at)
{
	uint64_t spent = c->budget < 0 ? (uint64_t)-c->budget : 0;

	/* If it has been a sporadic server till now: what has not come back. */
	if (c->usable_since + c->period > at)
		spent += c->used;
	while (c->refill.nr) {
		bool later = refill_next(&c->refill) > at;
		uint64_t amount = refill_take(&c->refill);

		spent += later ? amount : 0;
	}
	c->used = 0;
	timer_cancel(&c->ex->timers, &c->refill_timer);
	timer_cancel(&c->ex->timers, &c->due_timer);
	c->budget = (int64_t)c->slice - (int64_t)spent;
	c->usable_since = at;
	c->deadline_at = at + c->deadline;
}

static void begin_period(struct context *c, uint64_t at)
{
	c->release = at;
	/* What was overdrawn was received in advance. */
	c->received = c->budget < 0 ? (uint64_t)-c->budget : 0;
	c->first_entry = 0;
	timer_set(&c->ex->timers, &c->deadline_timer, at + c->deadline);
	timer_set(&c->ex->timers, &c->release_timer, at + c->period);
	if (!is_clocked(c))
		return;
	release_budget(c, at);
	if (c->domain) {
		domain_raise(c->domain, (unsigned)c->domain->period_irq);
		c->ready = true; /* from now on, whenever that is looked at */
		join_slack(c);
	}
	c->ex->decide = true;
}

/* Releases that were missed altogether (the host stood still) are dropped. */
static void release_expire(struct timer *t, uint64_t now)
{
	struct context *c = TIMER_OF(t, struct context, release_timer);
	uint64_t periods = (now - c->release) / c->period;

	if (c->deadline_timer.place) {
		timer_cancel(&c->ex->timers, &c->deadline_timer);
		deadline_expire(&c->deadline_timer, now);
	}
	executor_charge(c->ex, now);
	begin_period(c, c->release + (periods ? periods : 1) * c->period);
}

void context_init(struct context *c, struct executor *ex, struct domain *domain)
{
	memset(c, 0, sizeof(*c));
	c->domain = domain;
	c->ex = ex;
	c->slack = domain ? 1 : 0;
	c->release_timer.expire = release_expire;
	c->deadline_timer.expire = deadline_expire;
	c->refill_timer.expire = refill_expire;
	c->due_timer.expire = due_expire;
}

void context_reserve(struct context *c, uint64_t slice, uint64_t period,
	uint64_t deadline, uint64_t now)
{
	context_end(c);
	c->slice = slice;
	c->period = period;
	c->deadline = deadline;
	c->budget = 0;
	c->used = 0;
	c->refill.nr = 0;
	if (!period)
		return;
	begin_period(c, now);
	if (!is_clocked(c)) {
		c->budget = (int64_t)slice;
		usable_from(c, now);
	}
}

void context_end(struct context *c)
{
	timer_cancel(&c->ex->timers, &c->release_timer);
	timer_cancel(&c->ex->timers, &c->deadline_timer);
	timer_cancel(&c->ex->timers, &c->refill_timer);
	timer_cancel(&c->ex->timers, &c->due_timer);
}

void context_charge_own(struct context *c, uint64_t t, uint64_t now)
{
	if (context_has_budget(c))
		context_consume(c, t, now);
	else if (c->slack)
		c->virtual_time += t / c->slack;
	c->own += t;
	c->received += t;
}

uint64_t context_next_release(const struct context *c)
{
	return c->release + c->period;
}
