/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mapping database: from where each user page came, and where it went.
 *
 * Mappings of a frame form a tree whose root is sigma0, which owns all frames.
 * A tree is kept as the list of its nodes in preorder, each with its depth: so
 * a subtree is what follows a node until the depth falls back, and every
 * operation is a loop.
 */
#ifndef GUESTKERNEL_MAPDB_H
#define GUESTKERNEL_MAPDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestkernel/x86/insn.h"

struct space;

/*
 * word:
 *
 *    63          47          12 11  9 8 7       0
 *   +--------------+-----------+-----+-+---------+
 *   |      0       | page no.  | rwx |0|  depth  |
 *   +--------------+-----------+-----+-+---------+
 *
 * rwx: what happened below this node since its owner asked last (Unmap).
 */
struct mapping {
	struct mapping *next;
	struct mapping **link; /* what leads here: a node's, or the head */
	struct space *space;
	uint64_t word;
};

#define MAPPING_DEPTH_MAX 255u
#define MAPPING_STATUS_SHIFT 9
#define MAPPING_STATUS_MASK UINT64_C(0xe00)

static inline uint64_t mapping_address(const struct mapping *m)
{
	return page_of(m->word);
}

static inline unsigned mapping_depth(const struct mapping *m)
{
	return (unsigned)m->word & MAPPING_DEPTH_MAX;
}

/**
 * mapdb_add - note that a page was mapped on.
 * @head:    list of the frame; used only if @parent is NULL
 * @parent:  the mapping it was derived from, or NULL for sigma0's own
 * @space:   where it is mapped now
 * @address: and at which address
 *
 * Returns the new node; NULL without memory or if the tree is too deep.
 */
struct mapping *mapdb_add(struct mapping **head, struct mapping *parent,
	struct space *space, uint64_t address);

/** mapdb_move - a grant: the node now stands for a page of another space. */
void mapdb_move(struct mapping *m, struct space *space, uint64_t address);

/** mapdb_parent - what @m was derived from; NULL: sigma0's. */
struct mapping *mapdb_parent(const struct mapping *m);

/** mapdb_is_ancestor - @m was derived, in any number of steps, from @a. */
bool mapdb_is_ancestor(const struct mapping *a, const struct mapping *m);

/**
 * mapdb_next - what was derived from the same, after @m; NULL: nothing more.
 */
struct mapping *mapdb_next(const struct mapping *m);

/** mapdb_first - the first that was derived from @m, or NULL. */
static inline struct mapping *mapdb_first(const struct mapping *m)
{
	struct mapping *next = m->next;

	return next && mapping_depth(next) > mapping_depth(m) ? next : NULL;
}

/**
 * mapdb_pause - called every MAPDB_STEPS nodes, in the middle of an operation.
 *
 * Whoever links the database implements it; it must not call it.
 */
void mapdb_pause(void);

#define MAPDB_STEPS 64

/** mapdb_step - one more node, or page, was looked at. */
void mapdb_step(void);

/* What mapdb_revoke does to the pages. */
enum mapdb_scope {
	MAPDB_DERIVED, /* only what was derived from the node */
	MAPDB_FLUSH,   /* the node too */
};

/**
 * mapdb_revoke - take rights away from a subtree, and report its status.
 * @m:      root of the subtree
 * @scope:  whether @m itself is affected
 * @rights: FPAGE_* to revoke; all three remove the mappings, and then with
 *          MAPDB_FLUSH @m is freed
 *
 * Returns FPAGE_REFERENCED etc. of the subtree since @m's owner asked last.
 */
uint64_t mapdb_revoke(
	struct mapping *m, enum mapdb_scope scope, uint64_t rights);

#endif
