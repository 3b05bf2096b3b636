/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Releases, deadlines and budgets of one context.  Which context runs is the
 * executor's decision.
 */
#include "vmm/context.h"

#include <stddef.h>
#include <string.h>

#include "vmm/domain.h"
#include "vmm/executor.h"

static struct context *of_release(struct timer *t)
{
	return (struct context *)(void *)((char *)t - offsetof(struct context,
							      release_timer));
}

static struct context *of_deadline(struct timer *t)
{
	return (struct context *)(void *)((char *)t - offsetof(struct context,
							      deadline_timer));
}

static void deadline_expire(struct timer *t, uint64_t now)
{
	struct context *c = of_deadline(t);
	struct period_sample sample = {
		.release_ns = clock_ns_from_ticks(c->release),
		.first_entry_ns = clock_ns_from_ticks(c->first_entry),
	};

	if (!c->log)
		return;
	executor_charge(c->ex, now);
	sample.received_by_deadline_ns = clock_ns_from_ticks(c->received);
	sample.ready_at_deadline = executor_context_ready(c->ex, c);
	c->periods++;
	if (sample.ready_at_deadline && c->received < c->slice)
		c->missed++;
	period_log_add(c->log, &sample);
}

/* Slack that a sleeper did not take is not kept for it. */
static void join_slack(struct context *c)
{
	if (c->virtual_time < c->ex->slack_floor)
		c->virtual_time = c->ex->slack_floor;
}

/* A period begins at @at; the budget that was overdrawn is paid back. */
static void begin_period(struct context *c, uint64_t at)
{
	c->release = at;
	c->deadline_at = at + c->deadline;
	/* What was overdrawn was received in advance. */
	c->received = c->budget < 0 ? (uint64_t)-c->budget : 0;
	c->budget = (int64_t)(c->slice - c->received);
	c->first_entry = 0;
	timer_set(&c->ex->timers, &c->deadline_timer, c->deadline_at);
	timer_set(&c->ex->timers, &c->release_timer, at + c->period);
	if (c->domain && c->domain->period_irq >= 0) {
		domain_raise(c->domain, (unsigned)c->domain->period_irq);
		c->ready = true; /* from now on, whenever that is looked at */
		join_slack(c);
	}
	c->ex->decide = true;
}

/* Releases that were missed altogether (the host stood still) are dropped. */
static void release_expire(struct timer *t, uint64_t now)
{
	struct context *c = of_release(t);
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
}

void context_reserve(struct context *c, uint64_t slice, uint64_t period,
	uint64_t deadline, uint64_t now)
{
	c->slice = slice;
	c->period = period;
	c->deadline = deadline;
	c->budget = 0;
	if (period)
		begin_period(c, now);
	else
		context_end(c);
}

void context_end(struct context *c)
{
	timer_cancel(&c->ex->timers, &c->release_timer);
	timer_cancel(&c->ex->timers, &c->deadline_timer);
}

/*
 * What is left of a period that was interrupted by sleep may not be used by
 * the old deadline: together with the next period's it would exceed the demand
 * that was admitted.  Either a new period begins now with what is left, which
 * puts the next release off; or what is left is given up, where that costs
 * less, or where the releases are the domain's clock.
 */
static bool keeps_budget(const struct context *c, uint64_t now)
{
	if (c->domain && c->domain->period_irq >= 0)
		return false;
	return (unsigned __int128)c->budget * c->period >=
	       (unsigned __int128)(now - c->release) * c->slice;
}

static void restart_period(struct context *c, uint64_t now)
{
	int64_t left = c->budget;

	begin_period(c, now);
	c->budget = left;
}

void context_wake(struct context *c, uint64_t now)
{
	join_slack(c);
	if (!context_has_budget(c) || now == c->release)
		return;
	if (keeps_budget(c, now))
		restart_period(c, now);
	else
		c->budget = 0;
}

uint64_t context_next_release(const struct context *c)
{
	return c->release + c->period;
}
