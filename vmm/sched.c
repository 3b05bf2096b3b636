/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The executor's scheduler: earliest deadline first among contexts with
 * budget, then slack by weight; and who is charged for the time.
 *
 * Pure book-keeping on the time that it is given.
 */
#include "vmm/executor.h"
#include "vmm/loan.h"

#define SLACK_QUANTUM_US 1000

/* Charging. ---------------------------------------------------------------- */

static void charge_context(
	struct executor *ex, struct context *c, uint64_t t, uint64_t now)
{
	if (context_has_budget(c))
		context_consume(c, t, now);
	else if (c->slack)
		c->virtual_time += t / c->slack;
	if (ex->helping)
		c->for_others += t;
	else if (ex->running == c->domain)
		c->own += t;
	else
		c->lent += t;
	if (!ex->helping)
		c->received += t;
	if (ex->running)
		ex->running->ran += t;
}

/*
 * Of the time @t that the executor slept, what others used for the I/O of its
 * domains is these domains', and comes out of their budgets.  Returns the rest.
 */
static uint64_t charge_helpers(struct executor *ex, uint64_t t, uint64_t now)
{
	for (unsigned i = 0; i < ex->nr_domains && t; i++) {
		struct domain *d = ex->domain[i];
		struct context *c = &d->ctx;
		uint64_t part = d->worked < t ? d->worked : t;

		d->worked -= part;
		t -= part;
		context_charge_own(c, part, now);
		c->spent[SPENT_HELPERS] += part;
	}
	return t;
}

/*
 * Asleep for @t.  The host may use it: up to its share, it has had it, whoever
 * the I/O was for.
 */
static void charge_sleep(struct executor *ex, uint64_t t, uint64_t now)
{
	uint64_t rest = charge_helpers(ex, t, now);

	if (ex->current) {
		ex->host.budget -= (int64_t)t;
		ex->host_time += rest;
		return;
	}
	if (ex->host.budget > 0)
		ex->host.budget = (int64_t)t < ex->host.budget
					  ? ex->host.budget - (int64_t)t
					  : 0;
	ex->idle += rest;
}

void executor_charge(struct executor *ex, uint64_t now)
{
	uint64_t t = now - ex->charged_until;

	if (now <= ex->charged_until) {
		if (ex->beside)
			ownthread_charge(ex, now);
		return;
	}
	ex->charged_until = now;
	if (!ex->current || ex->current == &ex->host)
		charge_sleep(ex, t, now);
	else
		charge_context(ex, ex->current, t, now);
}

/* Deciding. ---------------------------------------------------------------- */

bool executor_context_ready(struct executor *ex, struct context *c)
{
	const struct call *via;
	struct domain *d;

	if (!c->domain)
		return true;
	d = loan_follow(ex, c, &via);
	return d && !(d == c->domain && !domain_has_own_work(d) &&
			    loan_has_lender(ex, d));
}

static struct context *earlier(struct context *a, struct context *b)
{
	return !a || b->deadline_at < a->deadline_at ? b : a;
}

static struct context *less_slack(struct context *a, struct context *b)
{
	return !a || b->virtual_time < a->virtual_time ? b : a;
}

/* A thread with a reservation has no more than that: slack is the executor's
 * to give, which sleeps while there is any. */
void executor_choose(struct executor *ex, uint64_t now)
{
	const struct context *before = ex->current;
	struct context *reserved = NULL;
	struct context *slack = NULL;

	loan_remember(ex);
	for (unsigned i = 0; i < ex->nr_domains; i++) {
		struct context *c = &ex->domain[i]->ctx;
		bool ready = executor_context_ready(ex, c);

		if (ready && !c->ready)
			context_wake(c, now);
		else if (!ready && c->ready)
			context_sleep(c, now);
		c->ready = ready;
		if (!ready)
			continue;
		if (context_has_budget(c))
			reserved = earlier(reserved, c);
		else if (c->slack && !(ex->beside && c->slice))
			slack = less_slack(slack, c);
	}
	loan_forget(ex);
	/* While nobody else is ready it has the CPU anyway. */
	if (context_has_budget(&ex->host) && (reserved || slack))
		reserved = earlier(reserved, &ex->host);
	ex->current = reserved ? reserved : slack;
	if (reserved) {
		ex->slice_end = now + (uint64_t)reserved->budget;
	} else if (slack) {
		ex->slack_floor = slack->virtual_time;
		/* A quantum is not begun anew by whatever happens in it. */
		if (slack != before || now >= ex->slice_end)
			ex->slice_end =
				now + clock_ticks_from_us(SLACK_QUANTUM_US);
	} else {
		ex->slice_end = CLOCK_NEVER;
	}
}
