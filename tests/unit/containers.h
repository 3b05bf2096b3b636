/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole requests out of their pieces, for tests of references and containers.
 */
#ifndef TESTS_UNIT_CONTAINERS_H
#define TESTS_UNIT_CONTAINERS_H

#include <errno.h>

#include "vmm/memory/reference.h"

static inline int revoke_whole(struct holder *h, uint64_t name, bool itself)
{
	int err = reference_may_revoke(h, name, 0);
	struct shared_container *s =
		err ? NULL : reference_revoke(h, (unsigned)name, itself);

	if (s)
		shared_free(s);
	return err;
}

static inline int destroy_whole(struct holder *h, uint64_t name)
{
	int err = reference_may_revoke(h, name, REFERENCE_FULL);
	struct shared_container *s =
		err ? NULL : reference_destroy(h, (unsigned)name);

	if (s)
		shared_free(s);
	return err;
}

/* A logical copy, checked as a request is. */
static inline int copy_whole(const struct container *from, uint64_t from_start,
	struct container *to, uint64_t to_start, uint64_t count, uint64_t *bad)
{
	if (!container_range_ok(from_start, count) ||
		!container_range_ok(to_start, count) ||
		container_copies_overlap(from, from_start, to, to_start, count))
		return -EINVAL;
	if (!container_has(from, from_start, count, bad))
		return -ENOENT;
	if (!container_has(to, to_start, count, bad))
		return -ENOMEM;
	for (uint64_t i = 0; i < count; i++)
		container_adopt(to, to_start + i,
			container_lend(from, from_start + i, 1), 1);
	return 0;
}

/** holder_end - all its references go, whoever has locked what. */
static inline void holder_end(struct holder *h)
{
	unsigned name;

	while ((name = holder_any(h))) {
		struct shared_container *s = reference_revoke(h, name, true);

		if (s)
			shared_free(s);
	}
}

#endif
