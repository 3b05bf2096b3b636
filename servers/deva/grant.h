/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities of a store: which domain may do what with which sectors.
 */
#ifndef SERVERS_DEVA_GRANT_H
#define SERVERS_DEVA_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/abi/store.h"

#define GRANTS_MAX 256u

struct grant_extent {
	uint64_t sector, nr;
};

/** grant_reset - there are none, of a device with @sectors. */
void grant_reset(uint64_t sectors);

/**
 * grant_make - a capability for @domain.
 * @rights: STORE_READ, STORE_WRITE
 * @nr:     extents, 1..STORE_EXTENTS_MAX
 * @number: OUT
 *
 * The oldest capability goes if the table is full: its holder asks again.
 * Returns STORE_OK or STORE_EINVAL.
 */
uint64_t grant_make(uint32_t domain, uint64_t rights,
	const struct grant_extent *extent, unsigned nr, uint64_t *number);

/** grant_revoke - STORE_OK or STORE_ENOENT. */
uint64_t grant_revoke(uint64_t number);

/**
 * grant_check - may @domain do this?
 * @right: STORE_READ or STORE_WRITE
 *
 * Returns STORE_OK, STORE_ENOENT or STORE_EACCESS.
 */
uint64_t grant_check(uint32_t domain, uint64_t number, uint64_t right,
	struct grant_extent extent);

/** grant_on_device - the sectors are there, and more than none. */
bool grant_on_device(struct grant_extent extent);

#endif
