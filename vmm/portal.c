/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals and capabilities.  A capability's derivation tree hangs on parent,
 * children and sibling; it never has more nodes than tables have slots.
 */
#include "vmm/portal.h"

#include <stdlib.h>

#include "vmm/domain.h"
#include "vmm/system.h"

/* The first one, or 0. */
static uint32_t slot_free(struct domain *d)
{
	while (d->slots_used < PORTAL_SLOTS &&
		(d->slots_used <= PORTAL_SLOT_VMM ||
			d->cap[d->slots_used].role != CAP_NONE))
		d->slots_used++;
	return d->slots_used < PORTAL_SLOTS ? d->slots_used : 0;
}

static uint64_t order_key(const struct portal *p)
{
	return (uintptr_t)p;
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
	free(p);
}

static void cap_delete(struct cap *cap)
{
	struct portal *p = cap->portal;
	struct domain *d = cap->domain;
	uint32_t slot = (uint32_t)(cap - d->cap);

	if (cap->parent)
		LIST_REMOVE(cap, sibling);
	if (cap->role == CAP_CLIENT)
		slot_order_remove(&d->clients, order_key(p), slot);
	*cap = (struct cap){.domain = d, .irq = -1};
	if (slot < d->slots_used)
		d->slots_used = slot;
	portal_put(p);
}

/* Children first: each is come to once and left once, without recursion. */
static bool revoke_some(struct cap *cap, unsigned *left)
{
	struct cap *at = cap;

	for (;;) {
		struct cap *leaf;

		while (!LIST_EMPTY(&at->children))
			at = LIST_FIRST(&at->children);
		if (at == cap || !*left)
			return at != cap;
		leaf = at;
		at = at->parent;
		cap_delete(leaf);
		--*left;
	}
}

bool cap_revoke_piece(struct cap *cap)
{
	unsigned left = PORTAL_PIECE;

	return revoke_some(cap, &left);
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
	if (parent)
		LIST_INSERT_HEAD(&parent->children, cap, sibling);
	slot_order_add(&d->clients, order_key(p), slot);
	p->nr_caps++;
	return slot;
}

uint32_t cap_find(
	const struct domain *d, const struct portal *p, unsigned rights)
{
	const struct slot_order *o = &d->clients;
	uint64_t key = order_key(p);

	/* At most one for each set of rights that none of the others has. */
	for (unsigned i = slot_order_first(o, key);
		i < o->nr && o->key[i] == key; i++)
		if ((d->cap[o->slot[i]].rights & rights) == rights)
			return o->slot[i];
	return 0;
}

static void move_children(struct cap *from, struct cap *to)
{
	struct cap *c;

	while ((c = LIST_FIRST(&from->children))) {
		LIST_REMOVE(c, sibling);
		LIST_INSERT_HEAD(&to->children, c, sibling);
		c->parent = to;
	}
}

static void serve_at(struct portal *p, struct domain *server, uint32_t slot)
{
	p->server = server;
	p->slot = slot;
	p->thread = 0;
	p->nr_caps++;
	server->cap[slot] = (struct cap){
		.portal = p,
		.domain = server,
		.role = CAP_SERVER,
		.rights = PORTAL_RIGHTS,
		.irq = -1,
	};
}

struct portal *portal_create(
	struct domain *server, uint64_t thread, const char *name)
{
	uint32_t slot = slot_free(server);
	struct portal *p = slot ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->name = name;
	p->absent.rights = PORTAL_RIGHTS;
	TAILQ_INIT(&p->queue);
	serve_at(p, server, slot);
	if (thread)
		portal_bind(p, thread);
	return p;
}

bool portal_adopt(struct portal *p, struct domain *server)
{
	uint32_t slot = slot_free(server);

	if (!slot)
		return false;
	serve_at(p, server, slot);
	move_children(&p->absent, &server->cap[slot]);
	return true;
}

struct cap *portal_origin(struct portal *p)
{
	return portal_server(p) ? &p->server->cap[p->slot] : &p->absent;
}

struct portal *portal_find_thread(struct domain *server, uint64_t thread)
{
	const struct slot_order *o = &server->threads;
	unsigned i = slot_order_first(o, thread);

	return i < o->nr && o->key[i] == thread ? server->cap[o->slot[i]].portal
						: NULL;
}

/* A relief is not found by its thread. */
static void set_thread(struct portal *p, uint64_t thread)
{
	if (p->thread && !p->head)
		slot_order_remove(&p->server->threads, p->thread, p->slot);
	p->thread = thread;
	if (p->thread && !p->head)
		slot_order_add(&p->server->threads, p->thread, p->slot);
}

void portal_unbind(struct portal *p)
{
	set_thread(p, 0);
	p->accept_armed = false;
}

void portal_bind(struct portal *p, uint64_t thread)
{
	set_thread(p, thread);
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
	relief = portal_create(p->server, 0, NULL);
	if (!relief)
		return NULL;
	last->relief = relief;
	relief->head = p;
	relief->ring = p->ring;
	portal_bind(relief, thread);
	portal_pending(p);
	return relief;
}

/* Calls in both directions end before anything else of the domain goes.  Returns
 * false if there is none. */
static bool end_call(struct domain *d)
{
	struct call *c;

	if ((c = TAILQ_FIRST(&d->incoming))) {
		call_fail(c, IPC_ERROR_NO_PARTNER);
	} else if ((c = TAILQ_FIRST(&d->outgoing))) {
		call_fail(c, IPC_ERROR_CANCELLED);
	} else if ((c = TAILQ_FIRST(&d->done))) {
		TAILQ_REMOVE(&d->done, c, out);
		call_free(c);
	}
	return c != NULL;
}

/* A portal of the configuration waits for another server. */
static void end_service(struct domain *d, struct cap *cap)
{
	struct portal *p = cap->portal;

	if (p->name)
		move_children(cap, &p->absent);
	if (p->is_ready)
		TAILQ_REMOVE(&d->ready, p, ready);
	if (p->is_binding)
		TAILQ_REMOVE(&d->binding, p, binding);
	p->is_ready = p->is_binding = false;
	p->server = NULL;
	p->relief = p->head = NULL;
}

static void end_services(struct domain *d)
{
	for (uint32_t slot = 1; slot < PORTAL_SLOTS; slot++)
		if (d->cap[slot].role == CAP_SERVER)
			end_service(d, &d->cap[slot]);
	d->threads.nr = 0;
}

bool portal_unlink_piece(struct domain *d)
{
	unsigned left = PORTAL_PIECE;

	while (left && end_call(d))
		left--;
	if (!left)
		return true;
	if (!d->unlinked)
		end_services(d);
	for (; d->unlinked < PORTAL_SLOTS; d->unlinked++) {
		struct cap *cap = &d->cap[d->unlinked];

		if (cap->role == CAP_NONE)
			continue;
		if (revoke_some(cap, &left) || !left)
			return true;
		cap_delete(cap);
		left--;
	}
	return false;
}
