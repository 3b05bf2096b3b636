/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/mapdb.h"

#include <stddef.h>

#include "guestkernel/abi/fpage.h"
#include "guestkernel/pool.h"
#include "guestkernel/x86/ptab.h"

#define HEAD_TAG UINT64_C(1)

static struct slab mappings = {.size = sizeof(struct mapping)};

/* One more node was looked at. */
static void step(void)
{
	static unsigned steps;

	if (++steps % MAPDB_STEPS == 0)
		mapdb_pause();
}

static struct mapping *previous(const struct mapping *m)
{
	if (m->previous & HEAD_TAG)
		return NULL;
	return (struct mapping *)m->previous;
}

static uint64_t status(const struct mapping *m)
{
	return (m->word & MAPPING_STATUS_MASK) >> MAPPING_STATUS_SHIFT;
}

static void add_status(struct mapping *m, uint64_t bits)
{
	m->word |= bits << MAPPING_STATUS_SHIFT;
}

static bool is_below(const struct mapping *m, unsigned depth)
{
	return m && mapping_depth(m) > depth;
}

/* Bound: the nodes between @m and its parent are older siblings' subtrees. */
struct mapping *mapdb_parent(const struct mapping *m)
{
	struct mapping *p = previous(m);

	while (p && mapping_depth(p) >= mapping_depth(m)) {
		p = previous(p);
		step();
	}
	return p;
}

struct mapping *mapdb_add(struct mapping **head, struct mapping *parent,
	struct space *space, uint64_t address, unsigned log2)
{
	unsigned depth = parent ? mapping_depth(parent) + 1 : 1;
	struct mapping **link = parent ? &parent->next : head;
	struct mapping *m;

	if (depth > MAPPING_DEPTH_MAX)
		return NULL;
	m = slab_alloc(&mappings);
	if (!m)
		return NULL;
	m->space = space;
	m->word = address | (uint64_t)depth << MAPPING_DEPTH_SHIFT |
		  (log2 == 21 ? MAPPING_LARGE : 0);
	m->previous = parent ? (uint64_t)parent : (uint64_t)head | HEAD_TAG;
	m->next = *link;
	if (m->next)
		m->next->previous = (uint64_t)m;
	*link = m;
	return m;
}

static void unlink_and_free(struct mapping *m)
{
	if (m->previous & HEAD_TAG)
		*(struct mapping **)(m->previous & ~HEAD_TAG) = m->next;
	else
		previous(m)->next = m->next;
	if (m->next)
		m->next->previous = m->previous;
	slab_free(&mappings, m);
}

void mapdb_move(struct mapping *m, struct space *space, uint64_t address)
{
	m->space = space;
	m->word = address | (m->word & ~MAPPING_ADDRESS);
}

bool mapdb_is_child(const struct mapping *m, const struct mapping *parent)
{
	return mapdb_parent(m) == parent;
}

bool mapdb_is_ancestor(const struct mapping *a, const struct mapping *m)
{
	while (m && m != a)
		m = mapdb_parent(m);
	return m != NULL;
}

struct mapping *mapdb_next_child(
	const struct mapping *m, const struct mapping *child)
{
	unsigned depth = mapping_depth(m);
	struct mapping *next = child ? child->next : m->next;

	while (is_below(next, depth + 1)) {
		next = next->next;
		step();
	}
	return is_below(next, depth) ? next : NULL;
}

/*
 * The processor's bits of each page go to all nodes between the page and the
 * root of the tree: each owner asks, and resets, for itself.  Going through
 * the list in preorder, the path to a node is known without searching.
 */
static void collect_status(struct mapping *m)
{
	struct mapping *path[MAPPING_DEPTH_MAX + 1];
	unsigned top = mapping_depth(m);
	uint64_t all = 0;

	for (struct mapping *c = m; c == m || is_below(c, top); c = c->next) {
		uint64_t bits = ptab_status(c->space, mapping_address(c));

		path[mapping_depth(c)] = c;
		step();
		if (!bits)
			continue;
		all |= bits;
		for (unsigned d = top; d <= mapping_depth(c); d++)
			add_status(path[d], bits);
	}
	if (!all)
		return;
	for (struct mapping *p = mapdb_parent(m); p; p = mapdb_parent(p))
		add_status(p, all);
}

static void remove(struct mapping *m)
{
	ptab_remove(m->space, mapping_address(m));
	unlink_and_free(m);
	step();
}

uint64_t mapdb_revoke(
	struct mapping *m, enum mapdb_scope scope, uint64_t rights)
{
	unsigned depth = mapping_depth(m);
	uint64_t result;

	collect_status(m);
	result = status(m);
	m->word &= ~MAPPING_STATUS_MASK;

	if (rights == FPAGE_RIGHTS) {
		while (is_below(m->next, depth))
			remove(m->next);
		if (scope == MAPDB_FLUSH)
			remove(m);
	} else if (rights & FPAGE_W) {
		for (struct mapping *c = m->next; is_below(c, depth);
			c = c->next) {
			ptab_write_protect(c->space, mapping_address(c));
			step();
		}
		if (scope == MAPDB_FLUSH)
			ptab_write_protect(m->space, mapping_address(m));
	}
	return result;
}
