/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files by copy: data is read into frames of the file system and goes on to the
 * client as a string.  What most systems do, and the measure of what FS_READ
 * saves.
 */
#ifndef SERVERS_EXT2_COPY_H
#define SERVERS_EXT2_COPY_H

#include "guestkernel/abi/threadid.h"
#include "servers/ext2/ext2.h"

/** copy_start - @control: the store's control portal.  Returns STORE_*. */
uint64_t copy_start(thread_id_t control);

/**
 * copy_read - blocks of a file into the file system's frames.
 * @extent: where they are
 * @nr:     how many extents, FS_COPY_MAX bytes at most
 *
 * Returns where the data is until the next call, or NULL if the store failed.
 */
const void *copy_read(
	const struct ext2 *fs, const struct ext2_extent *extent, unsigned nr);

#endif
