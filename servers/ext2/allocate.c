/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which blocks and inodes are in use: bitmaps, and three counts of each.
 */
#include <string.h>

#include "servers/ext2/internal.h"

#define NONE UINT32_MAX

static bool bit_get(const uint8_t *bitmap, uint32_t i)
{
	return bitmap[i / 8] >> i % 8 & 1;
}

static void bit_flip(uint8_t *bitmap, uint32_t i)
{
	bitmap[i / 8] ^= (uint8_t)(1u << i % 8);
}

/* --- blocks --- */

static uint32_t blocks_in(const struct ext2 *fs, uint32_t group)
{
	uint32_t left = fs->super.s_blocks_count - group_start(fs, group);

	return left < fs->super.s_blocks_per_group
		       ? left
		       : fs->super.s_blocks_per_group;
}

bool block_is_reserved(const struct ext2 *fs, uint32_t block)
{
	for (unsigned i = 0; i < fs->nr_reserved; i++)
		if (fs->reserved[i] == block)
			return true;
	return false;
}

void block_unreserve(struct ext2 *fs, uint32_t block)
{
	for (unsigned i = 0; i < fs->nr_reserved; i++)
		if (fs->reserved[i] == block) {
			fs->reserved[i] = fs->reserved[--fs->nr_reserved];
			return;
		}
}

/* A free block of the group, from @from on and then from its start; or NONE. */
static uint32_t bitmap_search(const struct ext2 *fs, const uint8_t *bitmap,
	uint32_t group, uint32_t from)
{
	uint32_t nr = blocks_in(fs, group), start = group_start(fs, group);

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t bit = (from + i) % nr;

		if (!bit_get(bitmap, bit) &&
			!block_is_reserved(fs, start + bit))
			return start + bit;
	}
	return NONE;
}

static enum ext2_error block_search(
	struct ext2 *fs, uint32_t near, uint32_t *block)
{
	uint32_t per_group = fs->super.s_blocks_per_group;
	uint32_t from = near < fs->super.s_first_data_block
				? 0
				: near - fs->super.s_first_data_block;

	if (near >= fs->super.s_blocks_count)
		from = 0;
	for (uint32_t i = 0; i < fs->nr_groups; i++) {
		uint32_t group = (from / per_group + i) % fs->nr_groups;
		struct ext2_group_desc *d;
		uint8_t *bitmap;
		enum ext2_error error = group_descriptor(fs, group, false, &d);

		if (!error && !d->bg_free_blocks_count)
			continue;
		if (!error)
			error = cache_get(fs, d->bg_block_bitmap, &bitmap);
		if (error)
			return error;
		*block = bitmap_search(
			fs, bitmap, group, i ? 0 : from % per_group);
		if (*block != NONE)
			return EXT2_OK;
	}
	return EXT2_ENOSPC;
}

enum ext2_error block_reserve(struct ext2 *fs, uint32_t near, uint32_t *block)
{
	enum ext2_error error;

	if (fs->nr_reserved == EXT2_RESERVED_MAX)
		return EXT2_EBUSY;
	error = block_search(fs, near, block);
	if (!error)
		fs->reserved[fs->nr_reserved++] = *block;
	return error;
}

/* @use: the block is free and will be used; else the other way. */
static enum ext2_error block_turn(struct ext2 *fs, uint32_t block, bool use)
{
	uint32_t n = block - fs->super.s_first_data_block;
	uint32_t group = n / fs->super.s_blocks_per_group;
	uint32_t bit = n % fs->super.s_blocks_per_group;
	struct ext2_group_desc *d;
	uint8_t *bitmap;
	enum ext2_error error;

	if (block <= fs->super.s_first_data_block ||
		block >= fs->super.s_blocks_count)
		return EXT2_ECORRUPT;
	error = group_descriptor(fs, group, true, &d);
	if (!error)
		error = cache_change(fs, d->bg_block_bitmap, &bitmap);
	if (error)
		return error;
	if (bit_get(bitmap, bit) == use)
		return EXT2_ECORRUPT;
	bit_flip(bitmap, bit);
	d->bg_free_blocks_count =
		(uint16_t)(d->bg_free_blocks_count + (use ? -1 : 1));
	fs->super.s_free_blocks_count += use ? UINT32_MAX : 1;
	fs->super_dirty = true;
	return EXT2_OK;
}

enum ext2_error block_allocate(struct ext2 *fs, uint32_t block)
{
	return block_turn(fs, block, true);
}

enum ext2_error block_allocate_near(
	struct ext2 *fs, uint32_t near, uint32_t *block)
{
	enum ext2_error error = block_search(fs, near, block);

	return error ? error : block_allocate(fs, *block);
}

enum ext2_error block_free(struct ext2 *fs, uint32_t block)
{
	enum ext2_error error = block_turn(fs, block, false);

	if (!error)
		cache_forget(fs, block);
	return error;
}

/* --- inodes --- */

static uint32_t first_inode(const struct ext2 *fs)
{
	return fs->super.s_rev_level ? fs->super.s_first_ino
				     : EXT2_GOOD_OLD_FIRST_INO;
}

/* @use: the inode is free and will be used; else the other way. */
static enum ext2_error inode_turn(
	struct ext2 *fs, uint32_t inode, bool directory, bool use)
{
	uint32_t group = (inode - 1) / fs->super.s_inodes_per_group;
	uint32_t bit = (inode - 1) % fs->super.s_inodes_per_group;
	int step = use ? 1 : -1;
	struct ext2_group_desc *d;
	uint8_t *bitmap;
	enum ext2_error error = group_descriptor(fs, group, true, &d);

	if (!error)
		error = cache_change(fs, d->bg_inode_bitmap, &bitmap);
	if (error)
		return error;
	if (bit_get(bitmap, bit) == use)
		return EXT2_ECORRUPT;
	bit_flip(bitmap, bit);
	d->bg_free_inodes_count = (uint16_t)(d->bg_free_inodes_count - step);
	if (directory)
		d->bg_used_dirs_count =
			(uint16_t)(d->bg_used_dirs_count + step);
	fs->super.s_free_inodes_count -= (uint32_t)step;
	fs->super_dirty = true;
	return EXT2_OK;
}

/* The first free inode of a group, or NONE. */
static uint32_t inode_search(
	const struct ext2 *fs, const uint8_t *bitmap, uint32_t group)
{
	uint32_t per_group = fs->super.s_inodes_per_group;

	for (uint32_t i = 0; i < per_group; i++)
		if (!bit_get(bitmap, i) &&
			group * per_group + i + 1 >= first_inode(fs))
			return group * per_group + i + 1;
	return NONE;
}

enum ext2_error inode_allocate(
	struct ext2 *fs, uint32_t near, bool directory, uint32_t *inode)
{
	uint32_t from = (near - 1) / fs->super.s_inodes_per_group;

	for (uint32_t i = 0; i < fs->nr_groups; i++) {
		uint32_t group = (from + i) % fs->nr_groups;
		struct ext2_group_desc *d;
		uint8_t *bitmap;
		enum ext2_error error = group_descriptor(fs, group, false, &d);

		if (!error && !d->bg_free_inodes_count)
			continue;
		if (!error)
			error = cache_get(fs, d->bg_inode_bitmap, &bitmap);
		if (error)
			return error;
		*inode = inode_search(fs, bitmap, group);
		if (*inode != NONE)
			return inode_turn(fs, *inode, directory, true);
	}
	return EXT2_ENOSPC;
}

enum ext2_error inode_free(struct ext2 *fs, uint32_t inode, bool directory)
{
	return inode_turn(fs, inode, directory, false);
}
