/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers as C functions: vmm/abi/container.h.
 *
 * Each overwrites the message registers and returns 0 or VMM_E*,
 * VMM_UNREACHABLE if the Ipc failed.
 */
#ifndef SERVERS_LIB_LIBHURD_CONTAINER_H
#define SERVERS_LIB_LIBHURD_CONTAINER_H

#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "servers/lib/libhurd/vmm.h"
#include "vmm/abi/container.h"

/**
 * container_request - one request as it is.
 * @label:  CONTAINER_*
 * @arg:    @nr words from MR1 on, 60 at most
 * @result: OUT, the reply's MR2, or NULL
 */
uint64_t container_request(
	uint64_t label, const uint64_t *arg, unsigned nr, uint64_t *result);

/** What CONTAINER_ACCOUNT tells. */
struct container_account {
	uint64_t guaranteed; /* frames */
	uint64_t used;
	uint64_t runs_guaranteed;
	uint64_t runs_used;
	uint64_t extra;	  /* frames beyond the guarantee, at most */
	uint64_t owed;	  /* frames to be given back */
	uint64_t left_us; /* until when */
};

/** container_account - what an account has; 0: the domain's own. */
uint64_t container_account(uint64_t account, struct container_account *now);

/** container_create - @ref: OUT, a full reference. */
uint64_t container_create(uint64_t *ref);

/** container_allocate - frames [@start, @start + @count), zeroed.
 * @flags: CONTAINER_ALLOCATE_* */
uint64_t container_allocate(
	uint64_t ref, uint64_t start, uint64_t count, uint64_t flags);

/** container_deallocate - drop frames.  @flags: CONTAINER_DEALLOCATE_* */
uint64_t container_deallocate(
	uint64_t ref, uint64_t start, uint64_t count, uint64_t flags);

/**
 * container_map - frames [@start, @start + @count) at @gpa, in the domain and,
 * at the same address, in this task; without the right to write if a frame is
 * a logical copy and CONTAINER_MAP_FORCE_WRITE is not set.
 * @rights: OUT, CONTAINER_MAP_READ and perhaps CONTAINER_MAP_WRITE, or NULL
 */
uint64_t container_map(uint64_t ref, uint64_t start, uint64_t count,
	uint64_t flags, uint64_t gpa, uint64_t *rights);

/** container_unmap - take a window of @count frames out of both. */
uint64_t container_unmap(uint64_t gpa, uint64_t count);

/**
 * container_share - a weak reference for the domain behind a portal.
 * @rights: CONTAINER_MAP_READ, CONTAINER_MAP_WRITE
 * @there:  OUT, its name in that domain
 */
uint64_t container_share(
	uint64_t ref, uint64_t rights, thread_id_t portal, uint64_t *there);

/** container_origin - @domain: OUT, the index of who gave @ref away. */
uint64_t container_origin(uint64_t ref, uint64_t *domain);

/** container_copy - logical copies; both have frames at these numbers. */
uint64_t container_copy(uint64_t from, uint64_t from_start, uint64_t to,
	uint64_t to_start, uint64_t count);

/** Frames of a container for the device, side by side in memory. */
struct container_piece {
	uint64_t address;
	uint64_t count;
};

/**
 * container_lock_physical - frames [@start, @start + @count) for the devices of
 * this domain; others keep their windows.
 * @rights: CONTAINER_MAP_READ, CONTAINER_MAP_WRITE: what a device may do
 * @piece:  OUT, CONTAINER_PHYSICAL_MAX of them
 * @nr:     OUT
 *
 * Fewer frames may be in the pieces than were asked for.
 */
uint64_t container_lock_physical(uint64_t ref, uint64_t start, uint64_t count,
	uint64_t rights, struct container_piece *piece, unsigned *nr);

/** container_unlock - also if this domain has it locked several times. */
uint64_t container_unlock(uint64_t ref);

/** container_revoke - references derived from @ref go, with @itself @ref too. */
uint64_t container_revoke(uint64_t ref, uint64_t itself);

#endif
