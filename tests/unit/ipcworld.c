/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/ipcworld.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/action.h"
#include "vmm/switches.h"

/* What the rest of the VMM would do. */

void domain_wake(struct domain *d)
{
	(void)d;
}

void domain_raise(struct domain *d, unsigned irq)
{
	d->notified |= UINT64_C(1) << irq;
}

static void end(struct domain *d, enum domain_life life)
{
	if (d->life != DOMAIN_LIVE)
		return;
	d->life = life;
	while (portal_unlink_piece(d))
		;
	for (unsigned i = 0; i < NOTIFICATIONS; i++)
		timer_cancel(&d->ex->timers, &d->irq_timer[i].timer);
	notify_end(d);
}

void domain_crash(struct domain *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(d->why, sizeof(d->why), format, ap);
	va_end(ap);
	end(d, DOMAIN_CRASHED);
}

void domain_stop(struct domain *d, int status)
{
	d->exit_status = status;
	end(d, DOMAIN_STOPPED);
}

void executor_charge(struct executor *ex, uint64_t now)
{
	(void)ex;
	(void)now;
}

uint64_t domain_faults(struct domain *d)
{
	(void)d;
	return 0;
}

uint64_t switches_count(void)
{
	return 0;
}

bool machine_irq_pending(const struct machine *m)
{
	(void)m;
	return false;
}

int machine_irq_take(struct machine *m)
{
	(void)m;
	return -1;
}

void console_write(struct console *con, const void *bytes, size_t len)
{
	(void)con;
	(void)bytes;
	(void)len;
}

static void *place(const struct domain *d, uint64_t gpa, uint64_t size)
{
	struct world *w = (struct world *)(void *)d->system;

	if (gpa > WORLD_MEMORY || size > WORLD_MEMORY - gpa)
		return NULL;
	return w->memory[d->index] + gpa;
}

void *guestmem_hva(const struct guestmem *gm, gpa_t gpa, size_t len)
{
	const struct domain *d =
		(const struct domain *)(const void *)((const char *)gm -
						      offsetof(struct domain,
							      mem));

	return place(d, gpa.addr, len);
}

/* Of what is not there, the page at WORLD_HOLE is a hole in a window. */
int transfer_copy(const struct transfer_memory *target,
	const struct transfer_memory *source, uint64_t *size,
	bool *target_fault)
{
	void *to = place(target->domain, target->gpa, *size);
	const void *from = place(source->domain, source->gpa, *size);

	*target_fault = target->gpa == WORLD_HOLE;
	if (*target_fault || source->gpa == WORLD_HOLE)
		return -EAGAIN;
	if (!to || !from)
		return -EFAULT;
	memmove(to, from, *size);
	((struct world *)(void *)target->domain->system)->copied += *size;
	((struct world *)(void *)target->domain->system)->copies++;
	return 0;
}

int vcpu_interrupt(struct vcpu *v, unsigned vector)
{
	(void)v;
	(void)vector;
	return 0;
}

uint64_t context_next_release(const struct context *c)
{
	return c->release + c->period;
}

/* The world. */

static struct domain *make_domain(struct world *w, unsigned i)
{
	struct domain *d = calloc(1, sizeof(*d));

	d->system = &w->system;
	d->index = i;
	d->name = "domain";
	d->conf = &w->conf;
	d->ex = &w->ex;
	d->vcpu.run = &w->run[i];
	d->control = calloc(1, sizeof(*d->control));
	d->calls = calloc(1, sizeof(*d->calls));
	d->period_irq = -1;
	notify_init(d);
	d->ctx.domain = d;
	d->ctx.ex = &w->ex;
	d->ctx.slack = 1;
	TAILQ_INIT(&d->outgoing);
	TAILQ_INIT(&d->incoming);
	TAILQ_INIT(&d->done);
	TAILQ_INIT(&d->ready);
	TAILQ_INIT(&d->binding);
	TAILQ_INIT(&d->asking);
	for (unsigned slot = 0; slot < PORTAL_SLOTS; slot++)
		d->cap[slot].domain = d;
	return d;
}

void world_make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->system.measurement = &w->measurement;
	w->system.nr_domains = WORLD_DOMAINS;
	w->conf.ram_bytes = WORLD_MEMORY;
	for (unsigned i = 0; i < WORLD_DOMAINS; i++)
		w->domain[i] = w->system.domain[i] = make_domain(w, i);
}

void world_end(struct world *w)
{
	for (unsigned i = 0; i < WORLD_DOMAINS; i++)
		end(w->domain[i], DOMAIN_STOPPED);
	for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
		free(w->domain[i]->control);
		free(w->domain[i]->calls);
		free(w->domain[i]);
	}
}

struct portal *world_portal(struct domain *server, struct domain *client,
	unsigned rights, uint32_t *slot)
{
	struct portal *p = portal_create(server, 0, NULL);

	*slot = cap_grant(client, p, rights, -1, &server->cap[p->slot]);
	return p;
}

void act(struct domain *d, uint32_t action)
{
	action_dispatch(d, action);
}

uint32_t enter(struct domain *d)
{
	uint32_t type;

	domain_prepare(d);
	type = d->control->event.type;
	d->control->event.type = EVENT_NONE;
	return type;
}

void call(struct domain *d, uint32_t slot, uint32_t caller_slot, uint64_t word)
{
	d->control->message_out[0] = 1;
	d->control->message_out[1] = word;
	d->control->action = (struct action_args){
		.slot = slot,
		.caller_slot = caller_slot,
		.version = 1,
		.send_timeout = CONTROL_NEVER,
		.receive_timeout = CONTROL_NEVER,
	};
	act(d, ACTION_CALL);
}

uint32_t reply(struct domain *d, uint64_t to, uint64_t word)
{
	d->control->message_out[0] = 1;
	d->control->message_out[1] = word;
	d->control->action.to = to;
	act(d, ACTION_REPLY);
	return d->control->action.result;
}

void accept_all(struct domain *server, const struct portal *p)
{
	server->control->accepting[p->slot / 64] |= UINT64_C(1) << p->slot % 64;
}

static bool not_so(const char *what, const struct domain *d)
{
	printf("# domain %u: %s\n", d->index, what);
	return false;
}

static bool check_calls(const struct domain *d)
{
	unsigned in_use = d->calls->used - d->calls->nr_free;
	unsigned listed = 0;
	const struct call *c;

	TAILQ_FOREACH(c, &d->outgoing, out)
	{
		listed++;
		if (c->caller != d ||
			(c->state != CALL_QUEUED && c->state != CALL_ACCEPTED &&
				c->state != CALL_STRINGS))
			return not_so("outgoing call in a wrong state", d);
		if (!c->portal->server ||
			c->portal->server->life != DOMAIN_LIVE)
			return not_so("call to a dead domain", d);
	}
	TAILQ_FOREACH(c, &d->done, out)
	{
		listed++;
		if (c->state != CALL_DONE || c->timer.place)
			return not_so("done call in a wrong state", d);
	}
	listed += d->vmm_call != NULL;
	if (listed != in_use)
		return not_so("call records leak", d);
	TAILQ_FOREACH(c, &d->incoming, in)
	if (c->portal->server != d || c->caller->life != DOMAIN_LIVE)
		return not_so("incoming call of a dead domain", d);
	return true;
}

static bool check_strings(const struct domain *d)
{
	const struct call *c;
	bool due = d->tickets_due || !TAILQ_EMPTY(&d->asking);

	if (due && !(d->due & DUE_STRINGS))
		return not_so("strings are due, but it is not", d);
	if (d->tickets_due & ~d->tickets_used)
		return not_so("a ticket is due that nobody has", d);
	TAILQ_FOREACH(c, &d->asking, asking)
	if (c->state != CALL_STRINGS || c->caller != d)
		return not_so("asked about a call without strings", d);
	for (unsigned i = 0; i < STRING_TICKETS; i++) {
		c = d->ticket[i].call;
		if (!(d->tickets_used >> i & 1))
			continue;
		if (!c && d->ticket[i].caller_slot &&
			!(d->tickets_due >> i & 1))
			return not_so("a ticket leaks", d);
		if (c && (c->state != CALL_STRINGS || c->portal->server != d ||
				 c->transfer.ticket != i))
			return not_so("a ticket of another call", d);
	}
	return true;
}

/* What is looked up in few steps is what a search would find. */
static bool check_orders(const struct domain *d)
{
	unsigned clients = 0, threads = 0;

	for (unsigned slot = 1; slot < PORTAL_SLOTS; slot++) {
		const struct cap *cap = &d->cap[slot];
		const struct portal *p = cap->portal;

		if (cap->role == CAP_NONE && slot < d->slots_used)
			return not_so("a free slot is passed over", d);
		clients += cap->role == CAP_CLIENT;
		threads += cap->role == CAP_SERVER && p->thread && !p->head;
		if (cap->role == CAP_CLIENT && !cap_find(d, p, cap->rights))
			return not_so("a capability is not found", d);
	}
	return clients == d->clients.nr && threads == d->threads.nr
		       ? true
		       : not_so("an order has more than the table", d);
}

static bool check_caps(const struct domain *d)
{
	for (unsigned slot = 0; slot < PORTAL_SLOTS; slot++) {
		const struct cap *cap = &d->cap[slot];

		if (cap->role == CAP_NONE && cap->portal)
			return not_so("empty slot names a portal", d);
		if (cap->role == CAP_SERVER && cap->portal->server != d)
			return not_so("serves a portal that is not its own", d);
		if (cap->parent && (cap->rights & ~cap->parent->rights))
			return not_so("rights have grown", d);
	}
	return true;
}

bool world_check(struct world *w)
{
	for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
		const struct domain *d = w->domain[i];

		if (d->life != DOMAIN_LIVE) {
			if (!TAILQ_EMPTY(&d->outgoing) ||
				!TAILQ_EMPTY(&d->incoming) ||
				!TAILQ_EMPTY(&d->done))
				return not_so("dead, but has calls", d);
			continue;
		}
		if (!check_calls(d) || !check_caps(d) || !check_orders(d) ||
			!check_strings(d))
			return false;
	}
	return true;
}
