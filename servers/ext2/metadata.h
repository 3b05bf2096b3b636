/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ext2 library's store: blocks of metadata, through a container that the
 * driver's domain shares.
 */
#ifndef SERVERS_EXT2_METADATA_H
#define SERVERS_EXT2_METADATA_H

#include "guestkernel/abi/threadid.h"
#include "servers/ext2/ext2.h"

/**
 * metadata_start - prepare a store behind a control portal.
 * @store: OUT
 *
 * Returns STORE_OK or what failed.
 */
uint64_t metadata_start(thread_id_t control, struct ext2_store *store);

#endif
