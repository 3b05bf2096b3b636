/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories: names and the inodes behind them.
 */
#ifndef SERVERS_EXT2_DIRECTORY_H
#define SERVERS_EXT2_DIRECTORY_H

#include "servers/ext2/internal.h"

/** A part of a path; not terminated. */
struct name {
	const char *text;
	uint8_t length;
};

/** directory_find - what @name is in directory @inode.  EXT2_ENOENT. */
enum ext2_error directory_find(
	struct ext2 *fs, uint32_t inode, struct name name, uint32_t *found);

/** directory_add - a name that is not there yet. */
enum ext2_error directory_add(struct ext2 *fs, uint32_t inode, struct name name,
	uint32_t target, uint16_t mode);

/** directory_remove - a name that is there. */
enum ext2_error directory_remove(
	struct ext2 *fs, uint32_t inode, struct name name);

/** directory_is_empty - EXT2_OK, or EXT2_ENOTEMPTY. */
enum ext2_error directory_is_empty(struct ext2 *fs, uint32_t inode);

/** directory_make - the first block of a new directory. */
enum ext2_error directory_make(
	struct ext2 *fs, uint32_t inode, uint32_t parent);

#endif
