/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities of the store that clients hold for blocks of files.
 *
 * When blocks of a file are freed, nobody may reach them any more.
 */
#ifndef SERVERS_EXT2_LEASE_H
#define SERVERS_EXT2_LEASE_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"

/** lease_start - @control: the store's control portal */
void lease_start(thread_id_t control);

/** lease_add - remember one; the oldest ends if there are too many. */
void lease_add(uint64_t capability, uint32_t inode);

/** lease_end - revoke one. */
void lease_end(uint64_t capability);

/** lease_end_all - revoke those for the blocks of a file. */
void lease_end_all(uint32_t inode);

#endif
