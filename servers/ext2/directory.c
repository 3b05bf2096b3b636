/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/ext2/directory.h"

#include <string.h>

#define ENTRY_HEAD 8u
#define ENTRY_SIZE(name_length) ((ENTRY_HEAD + (name_length) + 3u) & ~3u)

typedef struct ext2_dir_entry_2 entry_t;

/* A place in a directory. */
struct cursor {
	uint32_t block;	 /* of the file */
	uint32_t offset; /* in the block */
	uint8_t *data;	 /* the block */
	entry_t *entry;
	entry_t *before; /* in the same block, or NULL */
};

static enum ext2_error open_directory(
	struct ext2 *fs, uint32_t number, struct ext2_inode **inode)
{
	enum ext2_error error = inode_get(fs, number, inode);

	if (error)
		return error;
	if (!S_ISDIR((*inode)->i_mode))
		return EXT2_ENOTDIR;
	if ((*inode)->i_size % fs->block_size)
		return EXT2_ECORRUPT;
	return EXT2_OK;
}

static bool entry_makes_sense(
	const struct ext2 *fs, const entry_t *e, uint32_t offset)
{
	return e->rec_len >= ENTRY_HEAD && e->rec_len % 4 == 0 &&
	       e->rec_len <= fs->block_size - offset &&
	       (!e->inode || ENTRY_SIZE(e->name_len) <= e->rec_len);
}

/* Reads where the cursor is.  EXT2_ENOENT: behind the last entry. */
static enum ext2_error cursor_load(
	struct ext2 *fs, const struct ext2_inode *inode, struct cursor *c)
{
	uint32_t disk;
	enum ext2_error error;

	if (c->offset == 0) {
		if ((uint64_t)c->block * fs->block_size >= inode->i_size)
			return EXT2_ENOENT;
		error = map_get(fs, inode, c->block, &disk);
		if (!error && !disk)
			error = EXT2_ECORRUPT;
		if (!error)
			error = cache_get(fs, disk, &c->data);
		if (error)
			return error;
		c->before = NULL;
	}
	c->entry = (entry_t *)(c->data + c->offset);
	return entry_makes_sense(fs, c->entry, c->offset) ? EXT2_OK
							  : EXT2_ECORRUPT;
}

static enum ext2_error cursor_next(
	struct ext2 *fs, const struct ext2_inode *inode, struct cursor *c)
{
	c->before = c->entry;
	c->offset += c->entry->rec_len;
	if (c->offset == fs->block_size) {
		c->offset = 0;
		c->block++;
	}
	return cursor_load(fs, inode, c);
}

static bool is_named(const entry_t *e, struct name name)
{
	return e->inode && e->name_len == name.length &&
	       memcmp(e->name, name.text, name.length) == 0;
}

static enum ext2_error seek_name(struct ext2 *fs,
	const struct ext2_inode *inode, struct name name, struct cursor *c)
{
	enum ext2_error error;

	*c = (struct cursor){0};
	error = cursor_load(fs, inode, c);
	while (!error && !is_named(c->entry, name))
		error = cursor_next(fs, inode, c);
	return error;
}

enum ext2_error directory_find(
	struct ext2 *fs, uint32_t inode, struct name name, uint32_t *found)
{
	struct ext2_inode *directory;
	struct cursor c;
	enum ext2_error error = open_directory(fs, inode, &directory);

	if (!error)
		error = seek_name(fs, directory, name, &c);
	if (!error)
		*found = c.entry->inode;
	return error;
}

/* --- changes --- */

static uint8_t file_type(const struct ext2 *fs, uint16_t mode)
{
	if (!(fs->super.s_feature_incompat & EXT2_FEATURE_INCOMPAT_FILETYPE))
		return EXT2_FT_UNKNOWN;
	return S_ISDIR(mode) ? EXT2_FT_DIR : EXT2_FT_REG_FILE;
}

static void entry_write(const struct ext2 *fs, entry_t *e, uint16_t rec_len,
	struct name name, uint32_t target, uint16_t mode)
{
	e->inode = target;
	e->rec_len = rec_len;
	e->name_len = name.length;
	e->file_type = file_type(fs, mode);
	memcpy(e->name, name.text, name.length);
}

/* The block of the cursor will be changed. */
static enum ext2_error cursor_change(
	struct ext2 *fs, const struct ext2_inode *inode, struct cursor *c)
{
	uint32_t disk;
	enum ext2_error error = map_get(fs, inode, c->block, &disk);

	return error ? error : cache_change(fs, disk, &c->data);
}

static uint32_t entry_slack(const entry_t *e)
{
	return e->rec_len - (e->inode ? ENTRY_SIZE(e->name_len) : 0u);
}

/* Makes the unused end of the entry at the cursor an entry of its own. */
static entry_t *entry_split(entry_t *e)
{
	uint32_t used = e->inode ? ENTRY_SIZE(e->name_len) : 0u;
	entry_t *new = (entry_t *)((uint8_t *)e + used);
	uint16_t slack = (uint16_t)(e->rec_len - used);

	if (used) {
		e->rec_len = (uint16_t)used;
		new->rec_len = slack;
	}
	return new;
}

static enum ext2_error append_block(struct ext2 *fs, uint32_t number,
	struct ext2_inode *inode, entry_t **entry)
{
	uint32_t n = inode->i_size / fs->block_size, disk;
	uint8_t *data;
	enum ext2_error error = block_allocate_near(fs,
		n ? inode->i_block[0]
		  : group_start(
			    fs, (number - 1) / fs->super.s_inodes_per_group),
		&disk);

	if (!error)
		error = map_set(fs, inode, n, disk);
	if (!error)
		error = cache_new(fs, disk, &data);
	if (error)
		return error;
	inode->i_size += fs->block_size;
	*entry = (entry_t *)data;
	(*entry)->rec_len = (uint16_t)fs->block_size;
	return EXT2_OK;
}

enum ext2_error directory_add(struct ext2 *fs, uint32_t inode, struct name name,
	uint32_t target, uint16_t mode)
{
	struct ext2_inode *directory;
	struct cursor c = {0};
	entry_t *e;
	enum ext2_error error = open_directory(fs, inode, &directory);

	if (!error)
		error = inode_change(fs, inode, &directory);
	if (!error)
		error = cursor_load(fs, directory, &c);
	while (!error && entry_slack(c.entry) < ENTRY_SIZE(name.length))
		error = cursor_next(fs, directory, &c);
	if (error == EXT2_ENOENT)
		error = append_block(fs, inode, directory, &c.entry);
	else if (!error)
		error = cursor_change(fs, directory, &c);
	if (error)
		return error;
	e = entry_split(c.entry);
	entry_write(fs, e, e->rec_len, name, target, mode);
	directory->i_flags &= ~(uint32_t)EXT2_INDEX_FL;
	directory->i_mtime = directory->i_ctime = fs->now;
	return EXT2_OK;
}

enum ext2_error directory_remove(
	struct ext2 *fs, uint32_t inode, struct name name)
{
	struct ext2_inode *directory;
	struct cursor c;
	enum ext2_error error = open_directory(fs, inode, &directory);

	if (!error)
		error = inode_change(fs, inode, &directory);
	if (!error)
		error = seek_name(fs, directory, name, &c);
	if (!error)
		error = cursor_change(fs, directory, &c);
	if (error)
		return error;
	if (c.before)
		c.before->rec_len =
			(uint16_t)(c.before->rec_len + c.entry->rec_len);
	else
		c.entry->inode = 0;
	directory->i_flags &= ~(uint32_t)EXT2_INDEX_FL;
	directory->i_mtime = directory->i_ctime = fs->now;
	return EXT2_OK;
}

static bool is_dot_or_dotdot(const entry_t *e)
{
	return e->name_len <= 2 && e->name[0] == '.' &&
	       (e->name_len == 1 || e->name[1] == '.');
}

enum ext2_error directory_is_empty(struct ext2 *fs, uint32_t inode)
{
	struct ext2_inode *directory;
	struct cursor c = {0};
	enum ext2_error error = open_directory(fs, inode, &directory);

	if (!error)
		error = cursor_load(fs, directory, &c);
	while (!error) {
		if (c.entry->inode && !is_dot_or_dotdot(c.entry))
			return EXT2_ENOTEMPTY;
		error = cursor_next(fs, directory, &c);
	}
	return error == EXT2_ENOENT ? EXT2_OK : error;
}

enum ext2_error directory_make(struct ext2 *fs, uint32_t inode, uint32_t parent)
{
	struct ext2_inode *directory;
	entry_t *e = NULL;
	enum ext2_error error = inode_change(fs, inode, &directory);

	if (!error)
		error = append_block(fs, inode, directory, &e);
	if (error)
		return error;
	entry_write(fs, e, ENTRY_SIZE(1), (struct name){".", 1}, inode,
		EXT2_DIRECTORY);
	e = (entry_t *)((uint8_t *)e + ENTRY_SIZE(1));
	entry_write(fs, e, (uint16_t)(fs->block_size - ENTRY_SIZE(1)),
		(struct name){"..", 2}, parent, EXT2_DIRECTORY);
	return EXT2_OK;
}

enum ext2_error ext2_readdir(struct ext2 *fs, uint32_t inode,
	uint64_t *position, char *name, uint32_t *entry)
{
	struct ext2_inode *directory;
	struct cursor c = {.block = (uint32_t)(*position / fs->block_size)};
	enum ext2_error error;

	ext2_begin(fs);
	error = open_directory(fs, inode, &directory);
	if (!error)
		error = cursor_load(fs, directory, &c);
	/* The block may have changed: entries begin at its start. */
	while (!error && (!c.entry->inode ||
				 (uint64_t)c.block * fs->block_size + c.offset <
					 *position))
		error = cursor_next(fs, directory, &c);
	if (error)
		return error;
	memcpy(name, c.entry->name, c.entry->name_len);
	name[c.entry->name_len] = '\0';
	*entry = c.entry->inode;
	*position = (uint64_t)c.block * fs->block_size + c.offset +
		    c.entry->rec_len;
	return EXT2_OK;
}
