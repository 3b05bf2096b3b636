/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/mapdb.h"

#include "guestkernel/abi/fpage.h"
#include "guestkernel/pool.h"
#include "guestkernel/x86/ptab.h"

_Static_assert(offsetof(struct mapping, next) == 0,
	"a node begins like the head of a list");

static struct slab mappings;

void mapdb_step(void)
{
	static unsigned steps;

	if (++steps % MAPDB_STEPS == 0)
		mapdb_pause();
}

static bool is_below(const struct mapping *m, unsigned depth)
{
	return m && mapping_depth(m) > depth;
}

/* Bound: the nodes between @m and its parent are older siblings' subtrees. */
struct mapping *mapdb_parent(const struct mapping *m)
{
	const struct mapping *p = m;

	if (mapping_depth(m) == 1)
		return NULL;
	do {
		p = (const struct mapping *)p->link;
		mapdb_step();
	} while (mapping_depth(p) >= mapping_depth(m));
	return (struct mapping *)p;
}

struct mapping *mapdb_add(struct mapping **head, struct mapping *parent,
	struct space *space, uint64_t address)
{
	unsigned depth = parent ? mapping_depth(parent) + 1 : 1;
	struct mapping **link = parent ? &parent->next : head;
	struct mapping *m;

	if (depth > MAPPING_DEPTH_MAX)
		return NULL;
	m = slab_alloc(&mappings, sizeof(*m));
	if (!m)
		return NULL;
	m->space = space;
	m->word = address | depth;
	m->link = link;
	m->next = *link;
	if (m->next)
		m->next->link = &m->next;
	*link = m;
	return m;
}

static void unlink_and_free(struct mapping *m)
{
	*m->link = m->next;
	if (m->next)
		m->next->link = m->link;
	slab_free(&mappings, m);
}

void mapdb_move(struct mapping *m, struct space *space, uint64_t address)
{
	m->space = space;
	m->word += address - mapping_address(m);
}

bool mapdb_is_ancestor(const struct mapping *a, const struct mapping *m)
{
	while (m && m != a)
		m = mapdb_parent(m);
	return m != NULL;
}

struct mapping *mapdb_next(const struct mapping *m)
{
	unsigned depth = mapping_depth(m);
	struct mapping *next = m->next;

	while (is_below(next, depth)) {
		next = next->next;
		mapdb_step();
	}
	return is_below(next, depth - 1) ? next : NULL;
}

static void remove(struct mapping *m)
{
	ptab_remove(m->space, mapping_address(m));
	unlink_and_free(m);
	mapdb_step();
}

/*
 * The processor's bits of each page go to all nodes between the page and the
 * root of the tree: each owner asks, and resets, for itself.  Going through
 * the list in preorder, the path to a node is known without searching.
 */
uint64_t mapdb_revoke(
	struct mapping *m, enum mapdb_scope scope, uint64_t rights)
{
	static struct mapping *path[MAPPING_DEPTH_MAX + 1];
	unsigned top = mapping_depth(m);
	uint64_t taken = scope == MAPDB_FLUSH ? rights : 0;
	struct mapping *c = m;
	uint64_t all;

	for (struct mapping *p = m; p; p = mapdb_parent(p))
		path[mapping_depth(p)] = p;
	do {
		unsigned depth = mapping_depth(c);
		uint64_t status =
			ptab_collect(c->space, mapping_address(c), taken)
			<< MAPPING_STATUS_SHIFT;

		path[depth] = c;
		for (; status && depth; depth--)
			path[depth]->word |= status;
		mapdb_step();
		taken = rights;
		c = c->next;
	} while (is_below(c, top));
	all = m->word & MAPPING_STATUS_MASK;
	m->word -= all;
	if (rights == FPAGE_RIGHTS) {
		while (is_below(m->next, top))
			remove(m->next);
		if (scope == MAPDB_FLUSH)
			remove(m);
	}
	if (rights & FPAGE_W)
		ptab_end_copying();
	return all >> MAPPING_STATUS_SHIFT;
}
