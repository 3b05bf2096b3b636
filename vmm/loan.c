/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks along outstanding calls.  Each domain is visited once, so a walk ends
 * whatever the guests have called.
 */
#include "vmm/loan.h"

#include "vmm/domain.h"
#include "vmm/executor.h"

static bool vcpu_can_run(const struct domain *d)
{
	if (d->devices_due)
		return true;
	if (d->memory_call)
		return !d->memory_waits;
	if (d->hold >= HOLD_WANTED)
		return d->hold == HOLD_WANTED;
	if (d->state == VCPU_RUNNING)
		return true;
	return domain_has_event(d);
}

static struct domain *follow(struct executor *ex, struct domain *d,
	uint64_t mark, const struct call **via)
{
	struct call *c;

	if (d->ex != ex || d->mark == mark || d->life != DOMAIN_LIVE)
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
	*via = NULL;
	return follow(ex, c->domain, ++ex->walk, via);
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
			caller->mark == ex->walk)
			continue;
		caller->mark = ex->walk;
		if (pays(&caller->ctx) || has_lender(ex, caller))
			return true;
	}
	return false;
}

bool loan_has_lender(struct executor *ex, struct domain *d)
{
	d->mark = ++ex->walk;
	return has_lender(ex, d);
}
