/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: by path, their size, their blocks.
 */
#include <string.h>

#include "servers/ext2/directory.h"

/* --- paths --- */

/* Takes the next part off @path; length 0: there is none. */
static enum ext2_error part_next(const char **path, struct name *part)
{
	size_t length = 0;

	while (**path == '/')
		(*path)++;
	while ((*path)[length] && (*path)[length] != '/')
		length++;
	if (length > EXT2_NAME_LEN)
		return EXT2_EINVAL;
	*part = (struct name){*path, (uint8_t)length};
	*path += length;
	return EXT2_OK;
}

/* The directory that holds the last part of a path, and that part. */
static enum ext2_error walk(struct ext2 *fs, const char *path,
	uint32_t *directory, struct name *last)
{
	struct name part;
	enum ext2_error error;

	if (*path != '/')
		return EXT2_EINVAL;
	*directory = EXT2_ROOT_INO;
	error = part_next(&path, last);
	while (!error) {
		error = part_next(&path, &part);
		if (error || part.length == 0)
			break;
		error = directory_find(fs, *directory, *last, directory);
		*last = part;
	}
	return error;
}

static enum ext2_error lookup(
	struct ext2 *fs, const char *path, uint32_t *inode)
{
	uint32_t directory;
	struct name last;
	enum ext2_error error = walk(fs, path, &directory, &last);

	if (error)
		return error;
	*inode = directory;
	if (last.length == 0)
		return EXT2_OK;
	return directory_find(fs, directory, last, inode);
}

enum ext2_error ext2_lookup(struct ext2 *fs, const char *path, uint32_t *inode)
{
	ext2_begin(fs);
	return lookup(fs, path, inode);
}

enum ext2_error ext2_stat(
	struct ext2 *fs, uint32_t inode, struct ext2_stat *stat)
{
	struct ext2_inode *i;
	enum ext2_error error;

	ext2_begin(fs);
	error = inode_get(fs, inode, &i);
	if (!error)
		*stat = (struct ext2_stat){
			.size = inode_size(i),
			.inode = inode,
			.mode = i->i_mode,
			.links = i->i_links_count,
		};
	return error;
}

/* --- names --- */

static enum ext2_error links_change(struct ext2 *fs, uint32_t inode, int by)
{
	struct ext2_inode *i;
	enum ext2_error error = inode_change(fs, inode, &i);

	if (!error)
		i->i_links_count = (uint16_t)(i->i_links_count + by);
	return error;
}

static enum ext2_error inode_start(
	struct ext2 *fs, uint32_t inode, uint16_t mode)
{
	struct ext2_inode *i;
	enum ext2_error error = inode_change(fs, inode, &i);

	if (error)
		return error;
	memset(i, 0, fs->inode_size);
	i->i_mode = mode;
	i->i_links_count = S_ISDIR(mode) ? 2 : 1;
	i->i_atime = i->i_ctime = i->i_mtime = fs->now;
	return EXT2_OK;
}

enum ext2_error ext2_create(
	struct ext2 *fs, const char *path, uint16_t mode, uint32_t *inode)
{
	bool is_directory = S_ISDIR(mode);
	uint32_t directory, there;
	struct name last;
	enum ext2_error error;

	if (!is_directory && !S_ISREG(mode))
		return EXT2_EINVAL;
	ext2_begin(fs);
	error = walk(fs, path, &directory, &last);
	if (error)
		return error;
	if (last.length == 0)
		return EXT2_EEXIST;
	error = directory_find(fs, directory, last, &there);
	if (error != EXT2_ENOENT)
		return error ? error : EXT2_EEXIST;
	error = inode_allocate(fs, directory, is_directory, inode);
	if (!error)
		error = inode_start(fs, *inode, mode);
	if (!error && is_directory)
		error = directory_make(fs, *inode, directory);
	if (!error && is_directory)
		error = links_change(fs, directory, 1);
	if (!error)
		error = directory_add(fs, directory, last, *inode, mode);
	return error;
}

/* The contents of a short symbolic link stand in the place of the map. */
static bool has_map(const struct ext2_inode *i)
{
	return !S_ISLNK(i->i_mode) || i->i_blocks;
}

static enum ext2_error inode_end(
	struct ext2 *fs, uint32_t number, struct ext2_inode *inode)
{
	bool is_directory = S_ISDIR(inode->i_mode);
	enum ext2_error error = EXT2_OK;

	if (inode->i_file_acl)
		return EXT2_EFEATURE;
	if (has_map(inode))
		error = map_cut(fs, inode, 0);
	if (error)
		return error;
	inode->i_links_count = 0;
	inode->i_size = inode->i_size_high = 0;
	inode->i_dtime = fs->now;
	return inode_free(fs, number, is_directory);
}

static enum ext2_error find_to_remove(struct ext2 *fs, const char *path,
	uint32_t *directory, struct name *last, uint32_t *number,
	struct ext2_inode **inode)
{
	enum ext2_error error;

	ext2_begin(fs);
	error = walk(fs, path, directory, last);
	if (!error && last->length == 0)
		error = EXT2_EINVAL;
	if (!error)
		error = directory_find(fs, *directory, *last, number);
	if (!error)
		error = inode_change(fs, *number, inode);
	return error;
}

enum ext2_error ext2_unlink(struct ext2 *fs, const char *path)
{
	uint32_t directory, number;
	struct ext2_inode *inode;
	struct name last;
	enum ext2_error error =
		find_to_remove(fs, path, &directory, &last, &number, &inode);

	if (error)
		return error;
	if (S_ISDIR(inode->i_mode))
		return EXT2_EISDIR;
	error = directory_remove(fs, directory, last);
	if (error)
		return error;
	if (inode->i_links_count > 1) {
		inode->i_links_count--;
		return EXT2_OK;
	}
	return inode_end(fs, number, inode);
}

enum ext2_error ext2_rmdir(struct ext2 *fs, const char *path)
{
	uint32_t directory, number;
	struct ext2_inode *inode;
	struct name last;
	enum ext2_error error =
		find_to_remove(fs, path, &directory, &last, &number, &inode);

	if (!error &&
		(last.text[0] == '.' &&
			(last.length == 1 ||
				(last.length == 2 && last.text[1] == '.'))))
		error = EXT2_EINVAL;
	if (!error)
		error = directory_is_empty(fs, number);
	if (!error)
		error = directory_remove(fs, directory, last);
	if (!error)
		error = links_change(fs, directory, -1);
	return error ? error : inode_end(fs, number, inode);
}

/* --- contents --- */

static enum ext2_error open_file(struct ext2 *fs, uint32_t number, bool change,
	struct ext2_inode **inode)
{
	enum ext2_error error;

	ext2_begin(fs);
	error = change ? inode_change(fs, number, inode)
		       : inode_get(fs, number, inode);
	if (error)
		return error;
	if (S_ISDIR((*inode)->i_mode))
		return EXT2_EISDIR;
	if (!S_ISREG((*inode)->i_mode) || ((*inode)->i_flags & EXT4_EXTENTS_FL))
		return EXT2_EINVAL;
	return EXT2_OK;
}

static uint64_t size_max(const struct ext2 *fs)
{
	uint64_t p = fs->block_size / 4;
	uint64_t blocks = EXT2_NDIR_BLOCKS + p + p * p + p * p * p;

	return (blocks < UINT32_MAX ? blocks : UINT32_MAX) * fs->block_size;
}

enum ext2_error ext2_truncate(struct ext2 *fs, uint32_t inode, uint64_t size)
{
	struct ext2_inode *i;
	uint32_t keep;
	enum ext2_error error;

	if (size > size_max(fs))
		return EXT2_EFBIG;
	keep = (uint32_t)((size + fs->block_size - 1) / fs->block_size);
	error = open_file(fs, inode, true, &i);
	if (!error && size < inode_size(i))
		error = map_cut(fs, i, keep);
	if (error)
		return error;
	inode_set_size(fs, i, size);
	i->i_mtime = i->i_ctime = fs->now;
	return EXT2_OK;
}

/* Adds block @block (0: a hole) to the last extent, or begins a new one. */
static bool extent_add(struct ext2_extent *extent, unsigned max,
	unsigned *found, uint32_t block)
{
	struct ext2_extent *last = *found ? &extent[*found - 1] : NULL;

	if (last && (block ? last->block && last->block + last->nr == block
			   : !last->block)) {
		last->nr++;
		return true;
	}
	if (*found == max)
		return false;
	extent[(*found)++] = (struct ext2_extent){block, 1};
	return true;
}

enum ext2_error ext2_map(struct ext2 *fs, uint32_t inode, uint32_t first,
	uint32_t nr, struct ext2_extent *extent, unsigned max, unsigned *found)
{
	struct ext2_inode *i;
	enum ext2_error error = open_file(fs, inode, false, &i);

	*found = 0;
	for (uint32_t n = 0; !error && n < nr; n++) {
		uint32_t block;

		error = map_get(fs, i, first + n, &block);
		if (!error && !extent_add(extent, max, found, block))
			error = EXT2_EFBIG;
	}
	return error;
}

static bool range_is_valid(const struct ext2 *fs, uint32_t first, uint32_t nr)
{
	return nr && nr <= EXT2_WRITE_MAX &&
	       (uint64_t)first + nr <= size_max(fs) / fs->block_size;
}

enum ext2_error ext2_write_begin(struct ext2 *fs, uint32_t inode,
	uint32_t first, uint32_t nr, uint32_t *block)
{
	struct ext2_inode *i;
	uint32_t near;
	enum ext2_error error;

	if (!range_is_valid(fs, first, nr))
		return EXT2_EFBIG;
	error = open_file(fs, inode, false, &i);
	near = group_start(fs, (inode - 1) / fs->super.s_inodes_per_group);
	for (uint32_t n = 0; !error && n < nr; n++) {
		error = map_get(fs, i, first + n, &block[n]);
		if (!error && !block[n])
			error = block_reserve(fs, near, &block[n]);
		if (error)
			ext2_write_cancel(fs, n, block);
		near = block[n] + 1;
	}
	return error;
}

enum ext2_error ext2_write_end(struct ext2 *fs, uint32_t inode, uint32_t first,
	uint32_t nr, const uint32_t *block, uint64_t size)
{
	struct ext2_inode *i;
	enum ext2_error error;

	if (!range_is_valid(fs, first, nr) || size > size_max(fs))
		return EXT2_EFBIG;
	error = open_file(fs, inode, true, &i);
	/* A file has no blocks behind its end. */
	if (!error && size < inode_size(i))
		size = inode_size(i);
	if (!error && size <= (uint64_t)(first + nr - 1) * fs->block_size)
		error = EXT2_EINVAL;
	for (uint32_t n = 0; !error && n < nr; n++) {
		uint32_t there;

		error = map_get(fs, i, first + n, &there);
		if (error || there == block[n])
			continue;
		if (there || !block_is_reserved(fs, block[n]))
			return EXT2_EINVAL;
		block_unreserve(fs, block[n]);
		error = block_allocate(fs, block[n]);
		if (!error)
			error = map_set(fs, i, first + n, block[n]);
	}
	if (error)
		return error;
	inode_set_size(fs, i, size);
	i->i_mtime = i->i_ctime = fs->now;
	return EXT2_OK;
}

void ext2_write_cancel(struct ext2 *fs, uint32_t nr, const uint32_t *block)
{
	for (uint32_t n = 0; n < nr; n++)
		block_unreserve(fs, block[n]);
}
