/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks along outstanding calls.  Each domain is visited once, so a walk ends
 * whatever the guests have called.  And if none of those that a walk has met
 * can run, no other walk has to go there while nothing changes: guests that all
 * wait for each other would have each context's walk meet all their calls.
 */
#include "vmm/loan.h"

#include "vmm/domain.h"
#include "vmm/executor.h"

static bool vcpu_can_run(const struct domain *d)
{
	if (d->devices_due)
		return true;
	if (d->vmm_call)
		return !d->memory_waits;
	if (d->hold >= HOLD_WANTED)
		return d->hold == HOLD_WANTED;
	if (d->state == VCPU_RUNNING)
		return true;
	return domain_has_event(d);
}

static bool is_stuck(const struct executor *ex, const struct domain *d)
{
	return ex->stuck && d->mark == ex->stuck;
}

void loan_remember(struct executor *ex)
{
	ex->stuck = ++ex->walk;
}

void loan_forget(struct executor *ex)
{
	ex->stuck = 0;
}

/* What walk @mark has met leads nowhere. */
static void remember(struct executor *ex, uint64_t mark)
{
	for (unsigned i = 0; ex->stuck && i < ex->nr_domains; i++)
		if (ex->domain[i]->mark == mark)
			ex->domain[i]->mark = ex->stuck;
}

static struct domain *follow(struct executor *ex, struct domain *d,
	uint64_t mark, const struct call **via)
{
	struct call *c;

	if (d->ex != ex || d->mark == mark || is_stuck(ex, d) ||
		d->life != DOMAIN_LIVE)
		return NULL;
	d->mark = mark;
	if (vcpu_can_run(d))
		return d;
	TAILQ_FOREACH(c, &d->outgoing, out)
	{
		struct domain *end =
			c->portal->ring
				? NULL
				: follow(ex, c->portal->server, mark, via);

		if (end) {
			if (c->state == CALL_QUEUED)
				*via = c;
			return end;
		}
		if (d->more_ready)
			break;
	}
	return d->more_ready && d->hold != HOLD_ON && !d->memory_waits ? d
								       : NULL;
}

struct domain *loan_follow(
	struct executor *ex, const struct context *c, const struct call **via)
{
	const uint64_t mark = ++ex->walk;
	struct domain *end;

	*via = NULL;
	end = follow(ex, c->domain, mark, via);
	if (!end)
		remember(ex, mark);
	return end;
}

static bool pays(const struct context *lender)
{
	return context_has_budget(lender) || lender->slack;
}

static bool has_lender(struct executor *ex, struct domain *d)
{
	struct call *call;

	TAILQ_FOREACH(call, &d->incoming, in)
	{
		struct domain *caller = call->caller;

		if (call->portal->ring || caller->ex != ex ||
			caller->asked == ex->walk ||
			caller->life != DOMAIN_LIVE)
			continue;
		caller->asked = ex->walk;
		if (pays(&caller->ctx) || has_lender(ex, caller))
			return true;
	}
	return false;
}

bool loan_has_lender(struct executor *ex, struct domain *d)
{
	d->asked = ++ex->walk;
	return has_lender(ex, d);
}
