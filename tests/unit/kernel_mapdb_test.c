/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/mapdb.c */
/*
 * The guest kernel's mapping database, with page tables that only remember
 * what was done to them.
 */
#include "guestkernel/mapdb.h"

#include <stdlib.h>

#include "guestkernel/abi/fpage.h"
#include "guestkernel/pool.h"
#include "guestkernel/space.h"
#include "guestkernel/x86/ptab.h"
#include "tests/tap.h"

#define SPACES 300
#define PAGE UINT64_C(0x1000)

/* One page a space: what the processor would have noted, what became of it. */
static struct space space[SPACES];
static uint64_t noted[SPACES];
static bool is_mapped[SPACES], is_protected[SPACES];
static struct mapping *head;
static unsigned nr_nodes, nodes_max = 1000;

void *slab_alloc(struct slab *slab, uint64_t size)
{
	(void)slab;
	if (nr_nodes == nodes_max)
		return NULL;
	nr_nodes++;
	return calloc(1, size);
}

void slab_free(struct slab *slab, void *object)
{
	(void)slab;
	nr_nodes--;
	free(object);
}

uint64_t ptab_collect(const struct space *s, uint64_t virt, uint64_t rights)
{
	uint64_t status = noted[s - space];

	(void)virt;
	if (rights & FPAGE_W)
		is_protected[s - space] = true;
	noted[s - space] = 0;
	return status;
}

void ptab_remove(const struct space *s, uint64_t virt)
{
	(void)virt;
	is_mapped[s - space] = false;
}

static unsigned nr_ends;

void ptab_end_copying(void)
{
	nr_ends++;
}

static unsigned nr_pauses;

void mapdb_pause(void)
{
	nr_pauses++;
}

static struct mapping *map(unsigned n, struct mapping *from)
{
	is_mapped[n] = true;
	is_protected[n] = false;
	noted[n] = 0;
	return mapdb_add(&head, from, &space[n], n * PAGE);
}

static void unmap_everything(void)
{
	while (head)
		(void)mapdb_revoke(head, MAPDB_FLUSH, FPAGE_RIGHTS);
	CHECK_EQ(nr_nodes, 0);
}

/*
 *	0 --- 1 --- 2
 *	|     `---- 3 --- 4
 *	`---- 5
 */
static struct mapping *node[6];

static void plant(void)
{
	node[0] = map(0, NULL);
	node[1] = map(1, node[0]);
	node[2] = map(2, node[1]);
	node[3] = map(3, node[1]);
	node[4] = map(4, node[3]);
	node[5] = map(5, node[0]);
}

static void check_mapped(const char *wanted)
{
	for (unsigned n = 0; n < 6; n++)
		CHECK_EQ(is_mapped[n], wanted[n] == '1');
}

TEST(a_node_knows_its_place)
{
	struct mapping *m =
		mapdb_add(&head, NULL, &space[7], UINT64_C(0x7fffffe00000));

	CHECK_EQ(mapping_address(m), UINT64_C(0x7fffffe00000));
	CHECK_EQ(mapping_depth(m), 1);
	CHECK(m->space == &space[7]);
	unmap_everything();
}

TEST(a_flush_takes_the_subtree_and_no_more)
{
	plant();
	(void)mapdb_revoke(node[1], MAPDB_FLUSH, FPAGE_RIGHTS);
	check_mapped("100001");
	CHECK_EQ(nr_nodes, 2);
	unmap_everything();
}

TEST(an_unmap_spares_the_node_itself)
{
	plant();
	(void)mapdb_revoke(node[1], MAPDB_DERIVED, FPAGE_RIGHTS);
	check_mapped("110001");
	(void)mapdb_revoke(node[0], MAPDB_DERIVED, FPAGE_RIGHTS);
	check_mapped("100000");
	unmap_everything();
}

TEST(a_leaf_goes_alone)
{
	plant();
	(void)mapdb_revoke(node[4], MAPDB_FLUSH, FPAGE_RIGHTS);
	check_mapped("111101");
	unmap_everything();
}

TEST(revoking_write_protects_and_keeps)
{
	plant();
	(void)mapdb_revoke(node[3], MAPDB_FLUSH, FPAGE_W);
	check_mapped("111111");
	for (unsigned n = 0; n < 6; n++)
		CHECK_EQ(is_protected[n], n == 3 || n == 4);
	(void)mapdb_revoke(node[1], MAPDB_DERIVED, FPAGE_W);
	CHECK(is_protected[2]);
	CHECK(!is_protected[1]);
	unmap_everything();
}

TEST(revoking_read_alone_changes_nothing)
{
	plant();
	nr_ends = 0;
	(void)mapdb_revoke(node[0], MAPDB_FLUSH, FPAGE_R);
	check_mapped("111111");
	CHECK(!is_protected[0]);
	CHECK_EQ(nr_ends, 0);
	unmap_everything();
}

TEST(copying_ends_before_rights_are_taken)
{
	plant();
	nr_ends = 0;
	(void)mapdb_revoke(node[3], MAPDB_FLUSH, FPAGE_W);
	CHECK_EQ(nr_ends, 1);
	unmap_everything();
}

TEST(a_status_is_told_once_to_each_owner_above)
{
	plant();
	noted[4] = FPAGE_REFERENCED | FPAGE_WRITTEN;
	CHECK_EQ(mapdb_revoke(node[5], MAPDB_DERIVED, 0), 0);
	CHECK_EQ(mapdb_revoke(node[2], MAPDB_DERIVED, 0), 0);
	for (unsigned n = 0; n < 5; n++) {
		if (n == 2)
			continue;
		CHECK_EQ(mapdb_revoke(node[n], MAPDB_DERIVED, 0),
			FPAGE_REFERENCED | FPAGE_WRITTEN);
		CHECK_EQ(mapdb_revoke(node[n], MAPDB_DERIVED, 0), 0);
	}
	unmap_everything();
}

TEST(the_status_of_a_removed_page_stays_with_the_owners_above)
{
	plant();
	noted[4] = FPAGE_REFERENCED | FPAGE_WRITTEN;
	(void)mapdb_revoke(node[3], MAPDB_FLUSH, FPAGE_RIGHTS);
	CHECK_EQ(mapdb_revoke(node[1], MAPDB_DERIVED, 0),
		FPAGE_REFERENCED | FPAGE_WRITTEN);
	CHECK_EQ(mapdb_revoke(node[0], MAPDB_DERIVED, 0),
		FPAGE_REFERENCED | FPAGE_WRITTEN);
	unmap_everything();
}

TEST(a_granted_page_keeps_what_was_derived_from_it)
{
	plant();
	mapdb_move(node[1], &space[9], 99 * PAGE);
	CHECK_EQ(mapping_address(node[1]), 99 * PAGE);
	CHECK_EQ(mapping_depth(node[1]), 2);
	CHECK(mapdb_parent(node[1]) == node[0]);
	CHECK(mapdb_parent(node[3]) == node[1]);
	unmap_everything();
}

TEST(relations_are_those_of_the_tree)
{
	plant();
	CHECK(mapdb_parent(node[0]) == NULL);
	CHECK(mapdb_parent(node[5]) == node[0]);
	CHECK(mapdb_parent(node[4]) != node[1]);
	CHECK(mapdb_parent(node[1]) != NULL);
	CHECK(mapdb_is_ancestor(node[1], node[4]));
	CHECK(mapdb_is_ancestor(node[4], node[4]));
	CHECK(!mapdb_is_ancestor(node[2], node[4]));
	CHECK(!mapdb_is_ancestor(node[4], node[1]));
	unmap_everything();
}

TEST(children_are_found_one_after_the_other)
{
	struct mapping *child;
	unsigned nr = 0;

	plant();
	for (child = mapdb_first(node[0]); child; child = mapdb_next(child)) {
		CHECK(child == node[1] || child == node[5]);
		nr++;
	}
	CHECK_EQ(nr, 2);
	CHECK(!mapdb_first(node[4]));
	unmap_everything();
}

TEST(trees_of_one_frame_do_not_mix)
{
	struct mapping *other;

	plant();
	other = map(8, NULL);
	(void)mapdb_revoke(node[0], MAPDB_FLUSH, FPAGE_RIGHTS);
	check_mapped("000000");
	CHECK(is_mapped[8]);
	CHECK(head == other);
	unmap_everything();
}

TEST(a_tree_has_a_greatest_depth)
{
	struct mapping *m = NULL;

	for (unsigned n = 0; n < MAPPING_DEPTH_MAX; n++) {
		m = map(n, m);
		REQUIRE(m);
	}
	CHECK(!map(MAPPING_DEPTH_MAX, m));
	unmap_everything();
}

TEST(long_operations_pause)
{
	struct mapping *m = map(0, NULL);

	for (unsigned n = 1; n < SPACES; n++)
		(void)map(n, m);
	nr_pauses = 0;
	(void)mapdb_revoke(m, MAPDB_FLUSH, FPAGE_RIGHTS);
	CHECK(nr_pauses >= SPACES / MAPDB_STEPS);
	CHECK_EQ(nr_nodes, 0);
}

TEST(without_memory_nothing_changes)
{
	plant();
	nodes_max = nr_nodes;
	CHECK(!map(8, node[4]));
	nodes_max = 1000;
	CHECK_EQ(nr_nodes, 6);
	unmap_everything();
}

TAP_MAIN(CASE(a_node_knows_its_place),
	CASE(a_flush_takes_the_subtree_and_no_more),
	CASE(an_unmap_spares_the_node_itself), CASE(a_leaf_goes_alone),
	CASE(revoking_write_protects_and_keeps),
	CASE(revoking_read_alone_changes_nothing),
	CASE(copying_ends_before_rights_are_taken),
	CASE(a_status_is_told_once_to_each_owner_above),
	CASE(the_status_of_a_removed_page_stays_with_the_owners_above),
	CASE(a_granted_page_keeps_what_was_derived_from_it),
	CASE(relations_are_those_of_the_tree),
	CASE(children_are_found_one_after_the_other),
	CASE(trees_of_one_frame_do_not_mix), CASE(a_tree_has_a_greatest_depth),
	CASE(long_operations_pause), CASE(without_memory_nothing_changes))
