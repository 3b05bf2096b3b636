/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole requests out of their pieces, for tests of references and containers.
 */
#ifndef TESTS_UNIT_CONTAINERS_H
#define TESTS_UNIT_CONTAINERS_H

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
