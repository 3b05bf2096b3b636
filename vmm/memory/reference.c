/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/reference.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t last_serial; /* under the system's lock, as all of this */

void holder_init(struct holder *h, unsigned index, struct frame_table *table,
	struct account_pool *pool)
{
	*h = (struct holder){.table = table, .index = index};
	account_open(&h->account, pool);
}

static const struct reference *reference_find(
	const struct holder *h, uint64_t name)
{
	if (!name || name >= REFERENCES_MAX || !h->reference[name].of)
		return NULL;
	return &h->reference[name];
}

static unsigned free_entry(const struct holder *h)
{
	for (unsigned i = 1; i < REFERENCES_MAX; i++)
		if (!h->reference[i].of)
			return i;
	return 0;
}

static struct reference *enter(struct holder *h, unsigned name,
	struct shared_container *of, unsigned rights, unsigned depth)
{
	h->reference[name] = (struct reference){
		.of = of,
		.holder = h,
		.serial = ++last_serial,
		.rights = rights,
		.depth = depth,
	};
	return &h->reference[name];
}

int reference_create(struct holder *h, struct account *account, unsigned *name)
{
	unsigned entry = free_entry(h);
	struct shared_container *s;
	struct reference *r;

	if (!entry)
		return -ENFILE;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->container = container_new(h->table, account);
	if (!s->container) {
		free(s);
		return -ENOMEM;
	}
	TAILQ_INIT(&s->references);
	r = enter(h, entry, s, REFERENCE_RIGHTS, 0);
	TAILQ_INSERT_HEAD(&s->references, r, link);
	*name = entry;
	return 0;
}

static bool locked_by_other(const struct reference *r)
{
	return r->of->lock && r->of->lock != r->holder;
}

static int check(const struct holder *h, uint64_t name, unsigned rights)
{
	const struct reference *r = reference_find(h, name);

	if (!r)
		return -EBADF;
	if (rights & ~r->rights)
		return -EACCES;
	return locked_by_other(r) ? -EBUSY : 0;
}

int reference_use(const struct holder *h, uint64_t name, unsigned rights,
	struct container **c)
{
	int err = check(h, name, rights);

	if (!err)
		*c = h->reference[name].of->container;
	return err;
}

int reference_give(struct holder *h, uint64_t name, struct holder *to,
	unsigned rights, unsigned *given)
{
	struct reference *r, *derived;
	unsigned entry;

	if (!rights || (rights & ~REFERENCE_RIGHTS))
		return -EINVAL;
	if (!reference_find(h, name))
		return -EBADF;
	r = &h->reference[name];
	if (rights & ~r->rights)
		return -EACCES;
	entry = free_entry(to);
	if (!entry)
		return -ENFILE;
	derived = enter(to, entry, r->of, rights, r->depth + 1);
	TAILQ_INSERT_AFTER(&r->of->references, r, derived, link);
	*given = entry;
	return 0;
}

int reference_origin(const struct holder *h, uint64_t name, unsigned *index)
{
	const struct reference *r = reference_find(h, name), *from = r;

	if (!r)
		return -EBADF;
	while (from->depth && from->depth >= r->depth)
		from = TAILQ_PREV(from, reference_list, link);
	*index = from->holder->index;
	return 0;
}

static void reference_delete(struct reference *r)
{
	TAILQ_REMOVE(&r->of->references, r, link);
	r->of = NULL;
}

/* A lock ends with the last reference of its holder. */
static void settle_lock(struct shared_container *s)
{
	struct reference *r;

	TAILQ_FOREACH(r, &s->references, link)
	if (r->holder == s->lock)
		return;
	s->lock = NULL;
}

int reference_may_revoke(const struct holder *h, uint64_t name, unsigned rights)
{
	return check(h, name, rights);
}

static struct shared_container *revoke(struct reference *r, bool itself)
{
	struct shared_container *s = r->of;
	struct reference *next;

	while ((next = TAILQ_NEXT(r, link)) && next->depth > r->depth)
		reference_delete(next);
	if (itself)
		reference_delete(r);
	settle_lock(s);
	return TAILQ_EMPTY(&s->references) ? s : NULL;
}

struct shared_container *reference_revoke(
	struct holder *h, unsigned name, bool itself)
{
	return revoke(&h->reference[name], itself);
}

struct shared_container *reference_destroy(struct holder *h, unsigned name)
{
	return revoke(TAILQ_FIRST(&h->reference[name].of->references), true);
}

void shared_free(struct shared_container *s)
{
	container_free(s->container);
	free(s);
}

int reference_lock(struct holder *h, uint64_t name)
{
	int err = check(h, name, 0);

	if (!err)
		h->reference[name].of->lock = h;
	return err;
}

int reference_unlock(struct holder *h, uint64_t name)
{
	int err = check(h, name, 0);

	if (!err && !h->reference[name].of->lock)
		err = -EINVAL;
	if (!err)
		h->reference[name].of->lock = NULL;
	return err;
}

unsigned holder_any(const struct holder *h)
{
	for (unsigned i = 1; i < REFERENCES_MAX; i++)
		if (h->reference[i].of)
			return i;
	return 0;
}
