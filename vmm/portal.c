/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals and capabilities.  A capability's derivation tree hangs on parent,
 * child and next; it never has more nodes than tables have slots.
 */
#include "vmm/portal.h"

#include <stdlib.h>

#include "vmm/domain.h"
#include "vmm/system.h"

static uint32_t slot_free(const struct domain *d)
{
	for (uint32_t slot = PORTAL_SLOT_VMM + 1; slot < PORTAL_SLOTS; slot++)
		if (d->cap[slot].role == CAP_NONE)
			return slot;
	return 0;
}

/* The portal object goes with its last capability. */
static void portal_put(struct portal *p)
{
	if (--p->nr_caps)
		return;
	for (struct call *c; (c = TAILQ_FIRST(&p->queue));)
		call_fail(c, IPC_ERROR_NO_PARTNER);
	if (p->server && p->is_ready)
		TAILQ_REMOVE(&p->server->ready, p, ready);
	if (p->server && p->is_binding)
		TAILQ_REMOVE(&p->server->binding, p, binding);
	if (p->server)
		TAILQ_REMOVE(&p->server->system->portals, p, all);
	free(p);
}

static void cap_unlink(struct cap *cap)
{
	if (!cap->parent)
		return;
	for (struct cap **at = &cap->parent->child; *at; at = &(*at)->next) {
		if (*at != cap)
			continue;
		*at = cap->next;
		break;
	}
	cap->parent = NULL;
}

static void cap_delete(struct cap *cap)
{
	struct portal *p = cap->portal;

	cap_unlink(cap);
	*cap = (struct cap){.domain = cap->domain, .irq = -1};
	portal_put(p);
}

/* Children first, by going down to a leaf again and again: no recursion. */
void cap_revoke(struct cap *cap)
{
	while (cap->child) {
		struct cap *leaf = cap->child;

		while (leaf->child)
			leaf = leaf->child;
		cap_delete(leaf);
	}
}

uint32_t cap_grant(struct domain *d, struct portal *p, unsigned rights, int irq,
	struct cap *parent)
{
	uint32_t slot = slot_free(d);

	if (!slot)
		return 0;

	struct cap *cap = &d->cap[slot];

	*cap = (struct cap){
		.portal = p,
		.domain = d,
		.role = CAP_CLIENT,
		.rights = (uint8_t)rights,
		.irq = (int16_t)irq,
		.parent = parent,
	};
	if (parent) {
		cap->next = parent->child;
		parent->child = cap;
	}
	p->nr_caps++;
	return slot;
}

uint32_t cap_find(
	const struct domain *d, const struct portal *p, unsigned rights)
{
	for (uint32_t slot = 1; slot < PORTAL_SLOTS; slot++) {
		const struct cap *cap = &d->cap[slot];

		if (cap->portal == p && cap->role == CAP_CLIENT &&
			(cap->rights & rights) == rights)
			return slot;
	}
	return 0;
}

struct portal *portal_create(
	struct domain *server, uint64_t thread, const char *name)
{
	uint32_t slot = slot_free(server);
	struct portal *p = slot ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->server = server;
	p->slot = slot;
	p->name = name;
	p->nr_caps = 1;
	TAILQ_INIT(&p->queue);
	server->cap[slot] = (struct cap){
		.portal = p,
		.domain = server,
		.role = CAP_SERVER,
		.rights = PORTAL_RIGHTS,
		.irq = -1,
	};
	TAILQ_INSERT_TAIL(&server->system->portals, p, all);
	if (thread)
		portal_bind(p, thread);
	return p;
}

struct portal *portal_find_thread(struct domain *server, uint64_t thread)
{
	struct portal *p;

	TAILQ_FOREACH(p, &server->system->portals, all)
	if (p->server == server && p->thread == thread && !p->head)
		return p;
	return NULL;
}

void portal_bind(struct portal *p, uint64_t thread)
{
	p->thread = thread;
	if (p->is_binding)
		return;
	p->is_binding = true;
	TAILQ_INSERT_TAIL(&p->server->binding, p, binding);
}

struct portal *portal_relieve(struct portal *p, uint64_t thread)
{
	struct portal *relief;
	struct portal *last = p;

	for (unsigned n = 0; last->relief; last = last->relief)
		if (++n == PORTAL_RELIEFS_MAX)
			return NULL;
	relief = portal_create(p->server, thread, NULL);
	if (!relief)
		return NULL;
	last->relief = relief;
	relief->head = p;
	relief->ring = p->ring;
	portal_pending(p);
	return relief;
}

/* Calls in both directions end before anything of the domain is freed. */
static void end_calls(struct domain *d)
{
	struct call *c;

	while ((c = TAILQ_FIRST(&d->incoming)))
		call_fail(c, IPC_ERROR_NO_PARTNER);
	while ((c = TAILQ_FIRST(&d->outgoing)))
		call_fail(c, IPC_ERROR_CANCELLED);
	while ((c = TAILQ_FIRST(&d->done))) {
		TAILQ_REMOVE(&d->done, c, out);
		call_free(c);
	}
}

void portal_unlink_domain(struct domain *d)
{
	struct portal *p;
	struct portal *next;

	end_calls(d);
	for (p = TAILQ_FIRST(&d->system->portals); p; p = next) {
		next = TAILQ_NEXT(p, all);
		if (p->server != d)
			continue;
		if (p->is_ready)
			TAILQ_REMOVE(&d->ready, p, ready);
		if (p->is_binding)
			TAILQ_REMOVE(&d->binding, p, binding);
		TAILQ_REMOVE(&d->system->portals, p, all);
		p->is_ready = p->is_binding = false;
		p->server = NULL;
		p->relief = p->head = NULL;
	}
	for (uint32_t slot = 1; slot < PORTAL_SLOTS; slot++) {
		struct cap *cap = &d->cap[slot];

		if (cap->role == CAP_NONE)
			continue;
		cap_revoke(cap);
		cap_delete(cap);
	}
}
