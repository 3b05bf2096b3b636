/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file system as a whole: is it one, and is it one that is known here.
 */
#include <string.h>

#include "servers/ext2/internal.h"

#define INCOMPAT_KNOWN EXT2_FEATURE_INCOMPAT_FILETYPE
#define RO_COMPAT_KNOWN                        \
	(EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | \
		EXT2_FEATURE_RO_COMPAT_LARGE_FILE)
#define COMPAT_UNKNOWN (EXT3_FEATURE_COMPAT_HAS_JOURNAL)

static const char *const text[] = {
	[EXT2_OK] = "no error",
	[EXT2_EIO] = "the store failed",
	[EXT2_ENOTEXT2] = "no ext2 file system",
	[EXT2_EFEATURE] = "the file system has features that are not known",
	[EXT2_ESHORT] = "the store is shorter than the file system",
	[EXT2_ECORRUPT] = "the file system contradicts itself; run e2fsck",
	[EXT2_ENOENT] = "no such file",
	[EXT2_EEXIST] = "the file exists",
	[EXT2_ENOTDIR] = "not a directory",
	[EXT2_EISDIR] = "is a directory",
	[EXT2_ENOTEMPTY] = "the directory is not empty",
	[EXT2_ENOSPC] = "no space is left",
	[EXT2_EFBIG] = "too large",
	[EXT2_EINVAL] = "invalid argument",
	[EXT2_EBUSY] = "too many blocks at once",
};

const char *ext2_error_text(enum ext2_error error)
{
	return error < sizeof(text) / sizeof(text[0]) ? text[error]
						      : "unknown error";
}

static uint32_t divide_up(uint32_t a, uint32_t b)
{
	return a / b + (a % b != 0);
}

static bool sizes_make_sense(const struct ext2_super_block *s)
{
	uint32_t size, inode_size;

	if (s->s_log_block_size > 2)
		return false;
	size = UINT32_C(1024) << s->s_log_block_size;
	inode_size = s->s_rev_level ? s->s_inode_size : 128;
	return s->s_first_data_block == (size == 1024) && inode_size >= 128 &&
	       inode_size <= size && (inode_size & (inode_size - 1)) == 0 &&
	       s->s_blocks_per_group && s->s_blocks_per_group <= 8 * size &&
	       s->s_inodes_per_group && s->s_inodes_per_group <= 8 * size &&
	       s->s_inodes_per_group % (size / inode_size) == 0 &&
	       s->s_blocks_count > s->s_first_data_block &&
	       s->s_inodes_count >= EXT2_GOOD_OLD_FIRST_INO;
}

static bool counts_make_sense(const struct ext2 *fs)
{
	const struct ext2_super_block *s = &fs->super;
	uint32_t table = divide_up(
		fs->nr_groups, fs->block_size / sizeof(struct ext2_group_desc));

	return s->s_inodes_count / s->s_inodes_per_group == fs->nr_groups &&
	       s->s_inodes_count % s->s_inodes_per_group == 0 &&
	       s->s_first_data_block + 1 + table < s->s_blocks_count &&
	       s->s_free_blocks_count <= s->s_blocks_count &&
	       s->s_free_inodes_count <= s->s_inodes_count;
}

static enum ext2_error super_check(struct ext2 *fs)
{
	const struct ext2_super_block *s = &fs->super;

	if (s->s_magic != EXT2_SUPER_MAGIC)
		return EXT2_ENOTEXT2;
	if ((s->s_feature_incompat & ~(uint32_t)INCOMPAT_KNOWN) ||
		(s->s_feature_ro_compat & ~(uint32_t)RO_COMPAT_KNOWN) ||
		(s->s_feature_compat & COMPAT_UNKNOWN))
		return EXT2_EFEATURE;
	if (!sizes_make_sense(s))
		return EXT2_ECORRUPT;
	fs->block_size = UINT32_C(1024) << s->s_log_block_size;
	fs->inode_size = s->s_rev_level ? s->s_inode_size : 128;
	fs->nr_groups = divide_up(s->s_blocks_count - s->s_first_data_block,
		s->s_blocks_per_group);
	if (!counts_make_sense(fs))
		return EXT2_ECORRUPT;
	if ((uint64_t)s->s_blocks_count * fs->block_size > fs->store.size)
		return EXT2_ESHORT;
	return EXT2_OK;
}

enum ext2_error ext2_abort(struct ext2 *fs)
{
	for (unsigned i = 0; i < EXT2_CACHE_BLOCKS; i++)
		fs->cache[i].valid = fs->cache[i].dirty = false;
	fs->super_dirty = false;
	if (!fs->store.read(fs->store.context, SUPERBLOCK_OFFSET, &fs->super,
		    sizeof(fs->super)))
		return EXT2_EIO;
	return super_check(fs);
}

enum ext2_error ext2_mount(struct ext2 *fs, const struct ext2_store *store)
{
	memset(fs, 0, sizeof(*fs));
	fs->store = *store;
	if (store->size < SUPERBLOCK_OFFSET + sizeof(fs->super))
		return EXT2_ESHORT;

	enum ext2_error error = ext2_abort(fs);

	/* A time of deletion is not 0. */
	fs->now = fs->super.s_wtime;
	return error;
}

enum ext2_error group_descriptor(struct ext2 *fs, uint32_t group, bool change,
	struct ext2_group_desc **descriptor)
{
	uint32_t each = fs->block_size / sizeof(struct ext2_group_desc);
	uint32_t block = fs->super.s_first_data_block + 1 + group / each;
	uint8_t *data;
	enum ext2_error error = change ? cache_change(fs, block, &data)
				       : cache_get(fs, block, &data);

	if (!error)
		*descriptor = (struct ext2_group_desc *)data + group % each;
	return error;
}
