/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inodes, and which block of the disk is which block of the file: a tree of
 * indirect blocks below 15 pointers.
 */
#include <string.h>

#include "servers/ext2/internal.h"

#define LEVELS_MAX 4

/* --- inodes --- */

static enum ext2_error inode_at(struct ext2 *fs, uint32_t number, bool change,
	struct ext2_inode **inode)
{
	uint32_t index = (number - 1) % fs->super.s_inodes_per_group;
	uint64_t offset = (uint64_t)index * fs->inode_size;
	struct ext2_group_desc *d;
	uint8_t *data;
	uint32_t block;
	enum ext2_error error;

	if (number == 0 || number > fs->super.s_inodes_count)
		return EXT2_ECORRUPT;
	error = group_descriptor(
		fs, (number - 1) / fs->super.s_inodes_per_group, false, &d);
	if (error)
		return error;
	block = d->bg_inode_table + (uint32_t)(offset / fs->block_size);
	error = change ? cache_change(fs, block, &data)
		       : cache_get(fs, block, &data);
	if (!error)
		*inode = (struct ext2_inode *)(data + offset % fs->block_size);
	return error;
}

enum ext2_error inode_get(
	struct ext2 *fs, uint32_t number, struct ext2_inode **inode)
{
	return inode_at(fs, number, false, inode);
}

enum ext2_error inode_change(
	struct ext2 *fs, uint32_t number, struct ext2_inode **inode)
{
	return inode_at(fs, number, true, inode);
}

uint64_t inode_size(const struct ext2_inode *inode)
{
	uint64_t high = S_ISREG(inode->i_mode) ? inode->i_size_high : 0;

	return high << 32 | inode->i_size;
}

void inode_set_size(struct ext2 *fs, struct ext2_inode *inode, uint64_t size)
{
	inode->i_size = (uint32_t)size;
	if (!S_ISREG(inode->i_mode))
		return;
	inode->i_size_high = (uint32_t)(size >> 32);
	if (size > INT32_MAX && !(fs->super.s_feature_ro_compat &
					EXT2_FEATURE_RO_COMPAT_LARGE_FILE)) {
		fs->super.s_feature_ro_compat |=
			EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
		fs->super_dirty = true;
	}
}

/* --- the tree --- */

static uint32_t pointers(const struct ext2 *fs)
{
	return fs->block_size / 4;
}

/*
 * The way to block @n: an index into the inode's pointers, then one into each
 * indirect block.  Returns the number of indices; 0: no file is that long.
 */
static unsigned way(const struct ext2 *fs, uint32_t n, uint32_t index[])
{
	uint64_t rest = n, reach = 1;

	if (n < EXT2_NDIR_BLOCKS) {
		index[0] = n;
		return 1;
	}
	rest -= EXT2_NDIR_BLOCKS;
	for (unsigned level = 1; level < LEVELS_MAX; level++) {
		reach *= pointers(fs);
		if (rest >= reach) {
			rest -= reach;
			continue;
		}
		index[0] = EXT2_IND_BLOCK + level - 1;
		for (unsigned i = level; i > 0; i--) {
			index[i] = (uint32_t)(rest % pointers(fs));
			rest /= pointers(fs);
		}
		return level + 1;
	}
	return 0;
}

enum ext2_error map_get(struct ext2 *fs, const struct ext2_inode *inode,
	uint32_t n, uint32_t *block)
{
	uint32_t index[LEVELS_MAX];
	unsigned depth = way(fs, n, index);
	uint8_t *data;

	if (depth == 0)
		return EXT2_EFBIG;
	*block = inode->i_block[index[0]];
	for (unsigned i = 1; i < depth && *block; i++) {
		enum ext2_error error = cache_get(fs, *block, &data);

		if (error)
			return error;
		*block = ((uint32_t *)data)[index[i]];
	}
	if (*block >= fs->super.s_blocks_count)
		return EXT2_ECORRUPT;
	return EXT2_OK;
}

static enum ext2_error indirect_make(struct ext2 *fs, struct ext2_inode *inode,
	uint32_t near, uint32_t *pointer)
{
	uint8_t *data;
	enum ext2_error error = block_allocate_near(fs, near, pointer);

	if (!error)
		error = cache_new(fs, *pointer, &data);
	inode->i_blocks += fs->block_size / 512;
	return error;
}

enum ext2_error map_set(
	struct ext2 *fs, struct ext2_inode *inode, uint32_t n, uint32_t block)
{
	uint32_t index[LEVELS_MAX];
	unsigned depth = way(fs, n, index);
	uint32_t *pointer;
	uint8_t *data;

	if (depth == 0)
		return EXT2_EFBIG;
	pointer = &inode->i_block[index[0]];
	for (unsigned i = 1; i < depth; i++) {
		enum ext2_error error = EXT2_OK;

		if (!*pointer)
			error = indirect_make(fs, inode, block, pointer);
		if (!error)
			error = cache_change(fs, *pointer, &data);
		if (error)
			return error;
		pointer = (uint32_t *)data + index[i];
	}
	*pointer = block;
	inode->i_blocks += fs->block_size / 512;
	return EXT2_OK;
}

static enum ext2_error give_back(
	struct ext2 *fs, struct ext2_inode *inode, uint32_t *pointer)
{
	enum ext2_error error = block_free(fs, *pointer);

	if (error)
		return error;
	inode->i_blocks -= fs->block_size / 512;
	*pointer = 0;
	return EXT2_OK;
}

/*
 * Frees what *@pointer leads to from the file's block @keep on; @first is the
 * first block below it, @level its height.
 */
static enum ext2_error cut(struct ext2 *fs, struct ext2_inode *inode,
	uint32_t *pointer, unsigned level, uint64_t first, uint64_t keep)
{
	uint64_t reach = 1;
	uint8_t *data;
	enum ext2_error error;

	if (!*pointer)
		return EXT2_OK;
	if (level == 0)
		return first >= keep ? give_back(fs, inode, pointer) : EXT2_OK;
	for (unsigned i = 1; i < level; i++)
		reach *= pointers(fs);
	error = cache_get(fs, *pointer, &data);
	for (uint32_t i = 0; !error && i < pointers(fs); i++) {
		uint32_t *child = (uint32_t *)data + i;

		if (!*child || first + (i + 1) * reach <= keep)
			continue;
		/* If it goes as a whole its contents do not matter. */
		if (first < keep)
			error = cache_change(fs, *pointer, &data);
		if (!error)
			error = cut(fs, inode, child, level - 1,
				first + i * reach, keep);
	}
	if (!error && first >= keep)
		error = give_back(fs, inode, pointer);
	return error;
}

enum ext2_error map_cut(struct ext2 *fs, struct ext2_inode *inode, uint32_t n)
{
	uint64_t first = EXT2_NDIR_BLOCKS, reach = 1;
	enum ext2_error error = EXT2_OK;

	for (uint32_t i = 0; !error && i < EXT2_NDIR_BLOCKS; i++)
		error = cut(fs, inode, &inode->i_block[i], 0, i, n);
	for (unsigned level = 1; !error && level < LEVELS_MAX; level++) {
		reach *= pointers(fs);
		error = cut(fs, inode,
			&inode->i_block[EXT2_IND_BLOCK + level - 1], level,
			first, n);
		first += reach;
	}
	return error;
}
