/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to a store as C functions: servers/abi/store.h.
 *
 * Each overwrites the message registers and returns STORE_*, or
 * STORE_UNREACHABLE if the Ipc failed.
 */
#ifndef SERVERS_LIB_LIBHURD_STORE_H
#define SERVERS_LIB_LIBHURD_STORE_H

#include "guestkernel/abi/threadid.h"
#include "servers/abi/store.h"

#define STORE_UNREACHABLE UINT64_MAX

struct store_extent {
	uint64_t sector, nr;
};

struct store_piece {
	uint64_t sector, nr;
	uint64_t offset; /* bytes, in the container */
};

/** store_info - @sectors, @read_only: OUT */
uint64_t store_info(thread_id_t store, uint64_t *sectors, uint64_t *read_only);

/** store_grant - @capability: OUT; @nr: STORE_EXTENTS_MAX at most */
uint64_t store_grant(thread_id_t store, uint64_t domain, uint64_t rights,
	const struct store_extent *extent, unsigned nr, uint64_t *capability);

uint64_t store_revoke(thread_id_t store, uint64_t capability);

/**
 * store_transfer - between a container and the device.
 * @right:     STORE_READ or STORE_WRITE
 * @container: its name in the store's domain
 * @nr:        STORE_PIECES_MAX at most; by the control portal STORE_BATCH_MAX,
 *             all done at once
 */
uint64_t store_transfer(thread_id_t store, uint64_t capability, uint64_t right,
	uint64_t container, const struct store_piece *piece, unsigned nr);

uint64_t store_flush(thread_id_t store);

/**
 * store_memory - frames for transfers, mapped here and shared with the store.
 * @gpa:   where they are in this domain
 * @there: OUT, the container's name in the store's domain
 *
 * Returns STORE_OK or STORE_ECONTAINER.
 */
uint64_t store_memory(
	thread_id_t store, uint64_t gpa, uint64_t frames, uint64_t *there);

#endif
