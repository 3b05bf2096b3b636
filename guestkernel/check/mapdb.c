/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/mapdb.c"

#include "guestkernel/check/check.h"

static void check_node(const struct mapping *m, const struct mapping *before,
	struct mapping *const *head)
{
	check_that(m->link == (before ? &before->next : head),
		"mapping: link back is wrong", m);
	check_that(mapping_depth(m) >= 1 &&
			   mapping_depth(m) <=
				   (before ? mapping_depth(before) + 1 : 1),
		"mapping: depth without a parent", m);
	check_object(m, sizeof(*m));
}

unsigned check_mappings(struct mapping *const *head,
	void (*node)(const struct mapping *m, const struct mapping *parent))
{
	const struct mapping *path[MAPPING_DEPTH_MAX + 1];
	const struct mapping *before = NULL;
	unsigned n = 0;

	/* Of the others each is written before it is read: depths grow by 1. */
	path[0] = NULL;
	for (const struct mapping *m = *head; m; m = m->next) {
		check_node(m, before, head);
		path[mapping_depth(m)] = m;
		node(m, path[mapping_depth(m) - 1]);
		before = m;
		n++;
	}
	return n;
}

void check_mapping_memory(void)
{
	check_slab(&mappings, sizeof(struct mapping));
}
