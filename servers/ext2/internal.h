/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the files of this folder.
 *
 * A pointer into a block stays good until the operation ends: ext2_begin().
 */
#ifndef SERVERS_EXT2_INTERNAL_H
#define SERVERS_EXT2_INTERNAL_H

#include "servers/ext2/ext2.h"

#define SUPERBLOCK_OFFSET 1024u

/** ext2_begin - an operation: the blocks it uses stay in the cache. */
void ext2_begin(struct ext2 *fs);

/**
 * cache_get - the contents of @block.
 * @data: OUT
 *
 * EXT2_EIO, EXT2_EBUSY; EXT2_ECORRUPT: there is no such block.
 */
enum ext2_error cache_get(struct ext2 *fs, uint32_t block, uint8_t **data);

/** cache_change - the same, to be changed. */
enum ext2_error cache_change(struct ext2 *fs, uint32_t block, uint8_t **data);

/** cache_new - zeroes in its place, to be changed. */
enum ext2_error cache_new(struct ext2 *fs, uint32_t block, uint8_t **data);

/** cache_forget - the block is not used any more. */
void cache_forget(struct ext2 *fs, uint32_t block);

/** block_reserve - a free block near @near, kept for a write. */
enum ext2_error block_reserve(struct ext2 *fs, uint32_t near, uint32_t *block);

/** block_is_reserved - and not yet part of a file. */
bool block_is_reserved(const struct ext2 *fs, uint32_t block);

/** block_unreserve - give it up. */
void block_unreserve(struct ext2 *fs, uint32_t block);

/** block_allocate - @block, which is free, is used. */
enum ext2_error block_allocate(struct ext2 *fs, uint32_t block);

/** block_allocate_near - a free block near @near is used. */
enum ext2_error block_allocate_near(
	struct ext2 *fs, uint32_t near, uint32_t *block);

/** block_free - @block is free.  EXT2_ECORRUPT: it was. */
enum ext2_error block_free(struct ext2 *fs, uint32_t block);

/** inode_allocate - a free inode, near the directory @near. */
enum ext2_error inode_allocate(
	struct ext2 *fs, uint32_t near, bool directory, uint32_t *inode);

enum ext2_error inode_free(struct ext2 *fs, uint32_t inode, bool directory);

/** group_descriptor - of group @group.  @change: it will be. */
enum ext2_error group_descriptor(struct ext2 *fs, uint32_t group, bool change,
	struct ext2_group_desc **descriptor);

/** group_start - the first block of @group. */
static inline uint32_t group_start(const struct ext2 *fs, uint32_t group)
{
	return fs->super.s_first_data_block +
	       group * fs->super.s_blocks_per_group;
}

/** inode_get - an inode in its block.  EXT2_ECORRUPT: no such number. */
enum ext2_error inode_get(
	struct ext2 *fs, uint32_t number, struct ext2_inode **inode);

/** inode_change - the same, to be changed. */
enum ext2_error inode_change(
	struct ext2 *fs, uint32_t number, struct ext2_inode **inode);

uint64_t inode_size(const struct ext2_inode *inode);
void inode_set_size(struct ext2 *fs, struct ext2_inode *inode, uint64_t size);

/** map_get - block @n of a file; 0: a hole.  EXT2_EFBIG. */
enum ext2_error map_get(struct ext2 *fs, const struct ext2_inode *inode,
	uint32_t n, uint32_t *block);

/** map_set - block @n, a hole before, is @block; indirect ones are made. */
enum ext2_error map_set(
	struct ext2 *fs, struct ext2_inode *inode, uint32_t n, uint32_t block);

/** map_cut - blocks from @n on are free. */
enum ext2_error map_cut(struct ext2 *fs, struct ext2_inode *inode, uint32_t n);

#endif
