/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/action.h"

#include <string.h>

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/message.h"
#include "vmm/once.h"

/* A private copy of what a call needs: the page may change under our eyes. */
static void args_copy(const struct domain *d, struct action_args *a)
{
	const struct action_args *in = &d->control->action;

	a->slot = once_u32(&in->slot);
	a->caller_slot = once_u32(&in->caller_slot);
	a->send_timeout = once_u64(&in->send_timeout);
	a->receive_timeout = once_u64(&in->receive_timeout);
	a->version = once_u32(&in->version);
	a->flags = once_u32(&in->flags);
}

/* Who has not read its event, which nothing would announce any more, runs on. */
static void action_wait(struct domain *d)
{
	portal_offer_all(d);
	if (once_u32(&d->control->event.type) != EVENT_NONE)
		d->more_ready = true;
}

/* An ended record for an error found before the call could be queued. */
static void refuse(struct domain *d, struct call *c, uint32_t error)
{
	c->state = CALL_DONE;
	c->outcome = EVENT_ERROR;
	c->error = error;
	TAILQ_INSERT_TAIL(&d->done, c, out);
}

static bool portal_usable(
	const struct domain *d, const struct action_args *a, unsigned right)
{
	const struct cap *cap = &d->cap[a->slot % PORTAL_SLOTS];

	return a->slot < PORTAL_SLOTS && cap->role == CAP_CLIENT &&
	       (cap->rights & right) && a->version == 1 &&
	       portal_server(cap->portal);
}

static void begin(struct domain *d, bool wants_reply)
{
	struct action_args a;
	struct call *c;

	args_copy(d, &a);
	if (a.caller_slot < CALLER_SLOT_MIN ||
		a.caller_slot > CALLER_SLOT_MAX) {
		domain_crash(d, "call with caller slot %u", a.caller_slot);
		return;
	}
	if (call_find(d, a.caller_slot)) {
		domain_crash(d, "caller slot %u has a call outstanding",
			a.caller_slot);
		return;
	}
	c = call_new(d, a.caller_slot);
	if (!c) {
		domain_crash(
			d, "%u calls outstanding, and one more", CALLS_MAX);
		return;
	}
	c->wants_reply = wants_reply;
	c->flags = a.flags;
	c->receive_timeout = a.receive_timeout;
	c->nr_words = message_take(d, c->word);
	if (!c->nr_words || !call_room(d)) {
		/* The last record is kept for saying no. */
		refuse(d, c, IPC_ERROR_OVERFLOW);
	} else if (a.slot == PORTAL_SLOT_VMM) {
		if (call_has_strings(c))
			refuse(d, c, IPC_ERROR_OVERFLOW);
		else
			vmmcall_answer(d, c);
	} else if (!portal_usable(
			   d, &a, wants_reply ? PORTAL_CALL : PORTAL_SEND)) {
		refuse(d, c, IPC_ERROR_NO_PARTNER);
	} else {
		d->ipc++;
		trace_point(d->ex->trace, wants_reply ? TRACE_CALL : TRACE_SEND,
			d->index, d->cap[a.slot].portal->server->index,
			a.caller_slot);
		if (call_has_strings(c))
			transfer_offer(c);
		call_queue(c, d->cap[a.slot].portal, a.send_timeout);
	}
}

static void action_call(struct domain *d)
{
	begin(d, true);
}

static void action_send(struct domain *d)
{
	begin(d, false);
}

/* The accepted call that @id names as its caller, or NULL. */
static struct call *accepted_find(struct domain *d, uint64_t id)
{
	uint32_t slot = REMOTE_ID_SLOT(id);
	uint32_t who = REMOTE_ID_VERSION(id) >> 6;
	struct call *c;

	if (!(id & REMOTE_ID_BIT) || slot >= PORTAL_SLOTS ||
		d->cap[slot].role != CAP_SERVER)
		return NULL;
	TAILQ_FOREACH(c, &d->incoming, in)
	if (c->state == CALL_ACCEPTED && c->portal == d->cap[slot].portal &&
		c->caller_slot == (who & 0xffff) &&
		c->caller->index == who >> 16)
		return c;
	return NULL;
}

static uint32_t reply(struct domain *d)
{
	struct call *c = accepted_find(d, once_u64(&d->control->action.to));
	unsigned n;

	if (!c)
		return IPC_ERROR_NO_PARTNER;
	n = message_take(d, c->word);
	if (!n)
		return IPC_ERROR_OVERFLOW;
	c->nr_words = n;
	trace_point(d->ex->trace, TRACE_REPLY, d->index, c->caller->index,
		c->caller_slot);
	message_translate(d, c->caller, c->word);
	if (call_has_strings(c))
		return transfer_reply(c);
	call_end(c, EVENT_REPLY, 0);
	/* The next request comes with the same entry. */
	portal_offer(c->portal);
	return 0;
}

static void action_reply(struct domain *d)
{
	uint32_t result = reply(d);

	d->control->action.result = result;
	/* With an error its receive phase does not begin: no request now. */
	if (result && result != RESULT_STRINGS)
		d->more_ready = true;
}

static void action_accept(struct domain *d)
{
	uint32_t slot = once_u32(&d->control->action.slot);
	struct portal *p;

	if (slot >= PORTAL_SLOTS || d->cap[slot].role != CAP_SERVER) {
		domain_crash(
			d, "accept at slot %u, which it does not serve", slot);
		return;
	}
	p = d->cap[slot].portal;
	p->accept_armed = true;
	p->accept_from = once_u64(&d->control->action.to);
	portal_offer(p);
}

static void action_cancel(struct domain *d)
{
	uint32_t caller_slot = once_u32(&d->control->action.caller_slot);
	struct call *c = call_find(d, caller_slot);

	if (c)
		call_fail(c, IPC_ERROR_CANCELLED);
	else
		transfer_cancel(d, caller_slot);
}

static void action_notify(struct domain *d)
{
	uint32_t slot = once_u32(&d->control->action.slot);
	const struct cap *cap;
	struct domain *to;

	d->more_ready = true;
	if (slot >= PORTAL_SLOTS)
		return;
	cap = &d->cap[slot];
	to = cap->role == CAP_CLIENT ? portal_server(cap->portal) : NULL;
	if (to && cap->irq >= 0 && (cap->rights & PORTAL_NOTIFY))
		notify_send(to, (unsigned)cap->irq);
}

static void action_timer(struct domain *d)
{
	d->more_ready = true;
}

static void action_yield(struct domain *d)
{
	d->more_ready = true;
	d->ex->decide = true;
	if (!context_has_budget(&d->ctx))
		d->ctx.virtual_time += clock_ticks_from_us(1000) /
				       (d->ctx.slack ? d->ctx.slack : 1);
}

static void action_unbind(struct domain *d)
{
	uint32_t slot = once_u32(&d->control->action.slot);
	struct call *next;
	struct portal *p;

	d->more_ready = true;
	if (slot >= PORTAL_SLOTS || d->cap[slot].role != CAP_SERVER)
		return;
	p = d->cap[slot].portal;
	portal_unbind(p);
	for (struct call *c = TAILQ_FIRST(&d->incoming); c; c = next) {
		next = TAILQ_NEXT(c, in);
		if (c->portal == p)
			call_fail(c, IPC_ERROR_NO_PARTNER);
	}
}

static void action_stop(struct domain *d)
{
	volatile const struct action_args *a = &d->control->action;
	unsigned long long to = a->to;
	unsigned long long rip = a->send_timeout;

	switch (a->error) {
	case STOP_ROOT_GONE:
		domain_crash(d, "no thread is left");
		break;
	case STOP_TRAP:
		domain_crash(d, "trap %u in its kernel, rip %#llx, cr2 %#llx",
			a->slot, rip, to);
		break;
	case STOP_SIGMA0_FAULT:
		domain_crash(
			d, "its sigma0 faults at %#llx, rip %#llx", to, rip);
		break;
	default:
		domain_crash(d, "its kernel panicked: %#llx", to);
		break;
	}
}

static void (*const action[ACTION_NR])(struct domain *) = {
	[ACTION_WAIT] = action_wait,
	[ACTION_CALL] = action_call,
	[ACTION_SEND] = action_send,
	[ACTION_REPLY] = action_reply,
	[ACTION_ACCEPT] = action_accept,
	[ACTION_CANCEL] = action_cancel,
	[ACTION_NOTIFY] = action_notify,
	[ACTION_TIMER] = action_timer,
	[ACTION_YIELD] = action_yield,
	[ACTION_UNBIND] = action_unbind,
	[ACTION_STOP] = action_stop,
	[ACTION_STRING] = transfer_action,
};

void action_dispatch(struct domain *d, uint32_t eax)
{
	d->state = VCPU_AT_ACTION;
	d->booted = true;
	d->more_ready = eax & ACTION_MORE_READY;
	if ((eax & ACTION_MASK) >= ACTION_NR)
		domain_crash(d, "unknown action %u", eax & ACTION_MASK);
	else
		action[eax & ACTION_MASK](d);
	if (!d->more_ready)
		d->own_work = false;
}
