/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of metadata in memory: read once, changed there, written at a commit.
 */
#include <string.h>

#include "servers/ext2/internal.h"

void ext2_begin(struct ext2 *fs)
{
	fs->operation = fs->uses;
}

static struct ext2_block *find(struct ext2 *fs, uint32_t number)
{
	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++)
		if (fs->cache[i].valid && fs->cache[i].number == number)
			return &fs->cache[i];
	return NULL;
}

/* The clean block that was not used for longest, before this operation. */
static struct ext2_block *oldest(struct ext2 *fs)
{
	struct ext2_block *best = NULL;

	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++) {
		struct ext2_block *b = &fs->cache[i];

		if (!b->valid)
			return b;
		if (!b->dirty && b->used <= fs->operation &&
			(!best || b->used < best->used))
			best = b;
	}
	return best;
}

static bool is_block(const struct ext2 *fs, uint32_t number)
{
	return number >= fs->super.s_first_data_block &&
	       number < fs->super.s_blocks_count;
}

static enum ext2_error get(
	struct ext2 *fs, uint32_t number, struct ext2_block **found)
{
	struct ext2_block *b;

	if (!is_block(fs, number))
		return EXT2_ECORRUPT;
	b = find(fs, number);
	if (!b) {
		b = oldest(fs);
		if (!b)
			return EXT2_EBUSY;
		b->valid = false;
		if (!fs->store.read(fs->store.context,
			    (uint64_t)number * fs->block_size, b->data,
			    fs->block_size))
			return EXT2_EIO;
		b->number = number;
		b->valid = true;
		b->dirty = false;
	}
	b->used = ++fs->uses;
	*found = b;
	return EXT2_OK;
}

enum ext2_error cache_get(struct ext2 *fs, uint32_t block, uint8_t **data)
{
	struct ext2_block *b;
	enum ext2_error error = get(fs, block, &b);

	if (!error)
		*data = b->data;
	return error;
}

enum ext2_error cache_change(struct ext2 *fs, uint32_t block, uint8_t **data)
{
	struct ext2_block *b;
	enum ext2_error error = get(fs, block, &b);

	if (error)
		return error;
	if (!b->dirty)
		memcpy(b->before, b->data, sizeof(b->before));
	b->dirty = true;
	*data = b->data;
	return EXT2_OK;
}

/* What it has on the disk may have to come back there: it is read, too. */
enum ext2_error cache_new(struct ext2 *fs, uint32_t block, uint8_t **data)
{
	enum ext2_error error = cache_change(fs, block, data);

	if (!error)
		memset(*data, 0, fs->block_size);
	return error;
}

void cache_forget(struct ext2 *fs, uint32_t block)
{
	struct ext2_block *b = find(fs, block);

	if (b)
		b->valid = b->dirty = false;
}

/* The superblock is part of a block, and kept apart from it. */
static enum ext2_error super_put(struct ext2 *fs)
{
	uint8_t *data;
	enum ext2_error error;

	if (!fs->super_dirty)
		return EXT2_OK;
	error = cache_change(fs, SUPERBLOCK_OFFSET / fs->block_size, &data);
	if (!error)
		memcpy(data + SUPERBLOCK_OFFSET % fs->block_size, &fs->super,
			sizeof(fs->super));
	return error;
}

/*
 * Some of a commit may be on the disk: it gets back what it had, block by
 * block, as that one that cannot be written has not changed.
 */
static void restore(struct ext2 *fs)
{
	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++) {
		const struct ext2_block *b = &fs->cache[i];
		const struct ext2_write was = {b->number, b->before};

		if (b->dirty)
			(void)fs->store.write(
				fs->store.context, fs->block_size, &was, 1);
	}
}

enum ext2_error ext2_commit(struct ext2 *fs)
{
	struct ext2_write list[EXT2_CACHE_BLOCKS];
	unsigned nr = 0;
	enum ext2_error error = super_put(fs);

	if (error)
		return error;
	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++)
		if (fs->cache[i].dirty)
			list[nr++] = (struct ext2_write){
				fs->cache[i].number, fs->cache[i].data};
	if (nr &&
		!fs->store.write(fs->store.context, fs->block_size, list, nr)) {
		restore(fs);
		return EXT2_EIO;
	}
	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++)
		fs->cache[i].dirty = false;
	fs->super_dirty = false;
	return EXT2_OK;
}
