/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/check/mapdb.c */
/*
 * The guest kernel's mapping database: every operation on every node of every
 * tree of up to NODES mappings, whatever the processor noted about each page,
 * against a model that knows parents.
 */
#include <string.h>

#include "guestkernel/abi/fpage.h"
#include "guestkernel/check/check.h"
#include "guestkernel/mapdb.h"
#include "guestkernel/space.h"
#include "guestkernel/x86/ptab.h"
#include "tests/tap.h"

#define NODES 6
#define NONE (-1)
#define PAGE_LOG2 12
#define NOTED (FPAGE_REFERENCED | FPAGE_WRITTEN)

/* What is to be: parents come before their children. */
struct model {
	int parent[NODES];
	bool alive[NODES], is_protected[NODES];
	uint64_t status[NODES];
};

static struct mapping memory[NODES];
static bool in_use[NODES];
static struct mapping *head, *node[NODES];
static struct space space[NODES + 1];
static unsigned noted; /* set of nodes */
static bool removed[NODES], is_protected[NODES];
static int nr;
static const char *failure;

/* --- what the database stands on --- */

void check_that(bool ok, const char *what, const void *object)
{
	(void)object;
	if (!ok && !failure)
		failure = what;
}

void check_object(const void *object, uint64_t size)
{
	(void)size;
	check_that(in_use[(const struct mapping *)object - memory],
		"a node that was freed", object);
}

void check_slab(const struct slab *slab, uint64_t size)
{
	(void)slab;
	(void)size;
}

void *slab_alloc(struct slab *slab, uint64_t size)
{
	(void)slab;
	(void)size;
	for (int i = 0; i < NODES; i++)
		if (!in_use[i]) {
			in_use[i] = true;
			memory[i] = (struct mapping){0};
			return &memory[i];
		}
	return NULL;
}

void slab_free(struct slab *slab, void *object)
{
	(void)slab;
	in_use[(struct mapping *)object - memory] = false;
	memset(object, 0xa5, sizeof(struct mapping));
}

uint64_t ptab_collect(const struct space *s, uint64_t virt, uint64_t rights)
{
	bool is_noted = noted >> (s - space) & 1;

	(void)virt;
	if (rights & FPAGE_W)
		is_protected[s - space] = true;
	noted &= ~(1u << (s - space));
	return is_noted ? NOTED : 0;
}

void ptab_remove(const struct space *s, uint64_t virt)
{
	(void)virt;
	removed[s - space] = true;
}

void ptab_end_copying(void)
{
}

void mapdb_pause(void)
{
}

/* --- the model --- */

static bool is_within(const struct model *m, int n, int top)
{
	while (n != NONE && n != top)
		n = m->parent[n];
	return n == top;
}

static uint64_t model_revoke(struct model *m, int top, bool flush,
	uint64_t rights, unsigned noted_set)
{
	uint64_t result;

	for (int n = top; n < nr; n++)
		if ((noted_set >> n & 1) && is_within(m, n, top))
			for (int a = n; a != NONE; a = m->parent[a])
				m->status[a] |= NOTED;
	result = m->status[top];
	m->status[top] = 0;
	for (int n = top; n < nr; n++) {
		if (!is_within(m, n, top) || (n == top && !flush))
			continue;
		if (rights == FPAGE_RIGHTS)
			m->alive[n] = false;
		else if (rights & FPAGE_W)
			m->is_protected[n] = true;
	}
	return result;
}

/* --- both side by side --- */

static void plant(struct model *m)
{
	head = NULL;
	memset(in_use, 0, sizeof(in_use));
	memset(removed, 0, sizeof(removed));
	memset(is_protected, 0, sizeof(is_protected));
	for (int n = 0; n < nr; n++) {
		int p = m->parent[n];

		node[n] = mapdb_add(&head, p == NONE ? NULL : node[p],
			&space[n], (uint64_t)n << PAGE_LOG2);
		m->alive[n] = true;
		m->is_protected[n] = false;
		m->status[n] = 0;
	}
}

static void no_node(const struct mapping *m, const struct mapping *parent)
{
	(void)m;
	(void)parent;
}

/* Also after a move: @m's parent as the list says it is the model's. */
static bool is_as(const struct model *m)
{
	unsigned alive = 0;

	for (int n = 0; n < nr; n++) {
		int p = m->parent[n];

		if (m->alive[n] == removed[n])
			return false;
		if (!m->alive[n])
			continue;
		alive++;
		if (m->is_protected[n] != is_protected[n] ||
			(node[n]->word & MAPPING_STATUS_MASK) !=
				m->status[n] << MAPPING_STATUS_SHIFT ||
			mapdb_parent(node[n]) != (p == NONE ? NULL : node[p]))
			return false;
	}
	return check_mappings(&head, no_node) == alive && !failure;
}

static bool relations_hold(struct model *m)
{
	for (int a = 0; a < nr; a++) {
		struct mapping *child;
		int children = 0;

		for (int n = 0; n < nr; n++) {
			children += m->parent[n] == a;
			if (mapdb_is_ancestor(node[a], node[n]) !=
				is_within(m, n, a))
				return false;
		}
		for (child = mapdb_first(node[a]); child;
			child = mapdb_next(child))
			if (mapdb_parent(child) != node[a] || children-- == 0)
				return false;
		if (children)
			return false;
	}
	return is_as(m);
}

static bool revoke_holds(
	struct model *m, int top, bool flush, uint64_t rights, unsigned set)
{
	uint64_t wanted;

	plant(m);
	noted = set;
	wanted = model_revoke(m, top, flush, rights, set);
	return mapdb_revoke(node[top], flush ? MAPDB_FLUSH : MAPDB_DERIVED,
		       rights) == wanted &&
	       is_as(m);
}

static bool revokes_hold(struct model *m)
{
	for (unsigned set = 0; set < 1u << nr; set++)
		for (int top = 0; top < nr; top++)
			for (uint64_t rights = 0; rights <= FPAGE_RIGHTS;
				rights++)
				if (!revoke_holds(m, top, false, rights, set) ||
					!revoke_holds(
						m, top, true, rights, set))
					return false;
	return true;
}

/* A grant, and then every flush. */
static bool moves_hold(struct model *m)
{
	for (int n = 0; n < nr; n++) {
		plant(m);
		mapdb_move(node[n], &space[NODES], UINT64_C(0x77000));
		if (node[n]->space != &space[NODES] ||
			mapping_address(node[n]) != UINT64_C(0x77000) ||
			!relations_hold(m))
			return false;
	}
	return true;
}

static void print_tree(const struct model *m)
{
	tap_print("# parents:");
	for (int n = 0; n < nr; n++)
		tap_print(" %d", m->parent[n]);
	tap_print("%s%s\n", failure ? "; " : "", failure ? failure : "");
}

/* Every choice of a parent, or none, for each node. */
static unsigned for_all_trees(bool (*holds)(struct model *m))
{
	struct model m = {.parent = {NONE, NONE, NONE, NONE, NONE, NONE}};
	unsigned trees = 0;

	for (;;) {
		int n = nr - 1;

		trees++;
		plant(&m);
		if (!holds(&m)) {
			print_tree(&m);
			return 0;
		}
		while (n >= 0 && m.parent[n] == n - 1)
			m.parent[n--] = NONE;
		if (n < 0)
			return trees;
		m.parent[n]++;
	}
}

static void check_all_sizes(bool (*holds)(struct model *m))
{
	unsigned wanted = 1;

	failure = NULL;
	for (nr = 1; nr <= NODES; nr++) {
		wanted *= (unsigned)nr;
		REQUIRE(for_all_trees(holds) == wanted);
	}
}

TEST(relations_are_those_of_every_tree)
{
	check_all_sizes(relations_hold);
}

TEST(every_revocation_of_every_tree_is_right)
{
	check_all_sizes(revokes_hold);
}

TEST(every_grant_in_every_tree_keeps_it)
{
	check_all_sizes(moves_hold);
}

TAP_MAIN(CASE(relations_are_those_of_every_tree),
	CASE(every_revocation_of_every_tree_is_right),
	CASE(every_grant_in_every_tree_keeps_it))
