/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second extended file system: its metadata, and where its data is.
 *
 * Data never passes here: reading answers with blocks, writing reserves some
 * and, when they are written, makes them part of the file.  Changes of metadata
 * collect in the cache until ext2_commit() gives them to the store at once;
 * after an error that leaves some, ext2_abort() drops them.
 *
 * Numbers of blocks, inodes and sizes come from the disk and are not trusted:
 * what cannot be is EXT2_ECORRUPT.
 * Source: the layout in <ext2fs/ext2_fs.h>.
 */
#ifndef SERVERS_EXT2_EXT2_H
#define SERVERS_EXT2_EXT2_H

#include <ext2fs/ext2_fs.h>
#include <sys/stat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXT2_BLOCK_SIZE_MAX 4096u
#define EXT2_CACHE_BLOCKS 64u	/* and of one commit */
#define EXT2_RESERVED_MAX 1024u /* blocks of writes under way, of all files */
#define EXT2_WRITE_MAX 256u	/* blocks of one write */

/* Kinds of files, in a mode: as S_IFREG and S_IFDIR. */
#define EXT2_FILE 0x8000u
#define EXT2_DIRECTORY 0x4000u

enum ext2_error {
	EXT2_OK,
	EXT2_EIO,	/* the store failed */
	EXT2_ENOTEXT2,	/* no ext2 here */
	EXT2_EFEATURE,	/* a feature that is not known */
	EXT2_ESHORT,	/* the store is shorter than the file system */
	EXT2_ECORRUPT,	/* the file system contradicts itself */
	EXT2_ENOENT,	/* no such file */
	EXT2_EEXIST,	/* there is one */
	EXT2_ENOTDIR,	/* a part of the path is no directory */
	EXT2_EISDIR,	/* a directory is no file */
	EXT2_ENOTEMPTY, /* the directory has entries */
	EXT2_ENOSPC,	/* no block or inode is left */
	EXT2_EFBIG,	/* behind the last block that a file can have */
	EXT2_EINVAL,	/* path empty or relative, a name too long, a range */
	EXT2_EBUSY,	/* more blocks at once than the cache has */
};

/** ext2_error_text - in words, for messages. */
const char *ext2_error_text(enum ext2_error error);

/** One block to write. */
struct ext2_write {
	uint32_t block;
	const void *data;
};

/**
 * struct ext2_store - where the file system is.
 * @context: for the functions
 * @size:    bytes
 * @read:    @size bytes at @offset; false if that failed
 * @write:   all of @nr blocks of @block_size bytes; false if one failed, and
 *           may have kept what it had
 */
struct ext2_store {
	void *context;
	uint64_t size;
	bool (*read)(void *context, uint64_t offset, void *buffer, size_t size);
	bool (*write)(void *context, uint32_t block_size,
		const struct ext2_write *list, unsigned nr);
};

/** A block in the cache. */
struct ext2_block {
	uint32_t number;
	bool valid, dirty;
	uint64_t used; /* the use, of all, that was its last */
	uint8_t data[EXT2_BLOCK_SIZE_MAX];
	uint8_t before[EXT2_BLOCK_SIZE_MAX]; /* if dirty: what the disk has */
};

/** A file system in use. */
struct ext2 {
	struct ext2_store store;
	struct ext2_super_block super; /* as it will be committed */
	bool super_dirty;
	uint32_t block_size;
	uint32_t nr_groups;
	uint32_t inode_size;
	uint32_t now;	    /* seconds; the caller sets it */
	uint64_t uses;	    /* of blocks of the cache, all */
	uint64_t operation; /* uses before the running operation */
	unsigned nr_reserved;
	uint32_t reserved[EXT2_RESERVED_MAX];
	struct ext2_block cache[EXT2_CACHE_BLOCKS];
};

/** Consecutive blocks. */
struct ext2_extent {
	uint32_t block; /* 0: a hole, reads as zeroes */
	uint32_t nr;
};

struct ext2_stat {
	uint64_t size; /* bytes */
	uint32_t inode;
	uint16_t mode;
	uint16_t links;
};

/**
 * ext2_mount - look at the store and begin.
 *
 * EXT2_EIO, EXT2_ENOTEXT2, EXT2_EFEATURE, EXT2_ESHORT, EXT2_ECORRUPT.
 */
enum ext2_error ext2_mount(struct ext2 *fs, const struct ext2_store *store);

/** ext2_commit - give all changes to the store.  EXT2_EIO: none is there. */
enum ext2_error ext2_commit(struct ext2 *fs);

/** ext2_abort - as after the last commit. */
enum ext2_error ext2_abort(struct ext2 *fs);

/** ext2_lookup - the inode behind an absolute path. */
enum ext2_error ext2_lookup(struct ext2 *fs, const char *path, uint32_t *inode);

enum ext2_error ext2_stat(
	struct ext2 *fs, uint32_t inode, struct ext2_stat *stat);

/**
 * ext2_readdir - an entry of a directory.
 * @position: IN, 0 or what it was set to; OUT, of the next entry
 * @name:     OUT, EXT2_NAME_LEN + 1 bytes
 *
 * EXT2_ENOENT: there are no more.
 */
enum ext2_error ext2_readdir(struct ext2 *fs, uint32_t inode,
	uint64_t *position, char *name, uint32_t *entry);

/**
 * ext2_create - a new file or directory.
 * @mode: EXT2_FILE or EXT2_DIRECTORY, and the bits of permission
 */
enum ext2_error ext2_create(
	struct ext2 *fs, const char *path, uint16_t mode, uint32_t *inode);

/** ext2_unlink - remove a name, and the file with its last one. */
enum ext2_error ext2_unlink(struct ext2 *fs, const char *path);

/** ext2_rmdir - remove an empty directory. */
enum ext2_error ext2_rmdir(struct ext2 *fs, const char *path);

/** ext2_truncate - change the size; what is behind it is gone. */
enum ext2_error ext2_truncate(struct ext2 *fs, uint32_t inode, uint64_t size);

/**
 * ext2_map - where blocks [@first, @first + @nr) of a file are.
 * @extent: OUT, up to @max of them
 * @found:  OUT, how many
 *
 * EXT2_EFBIG: more than @max; the first @max are there.
 */
enum ext2_error ext2_map(struct ext2 *fs, uint32_t inode, uint32_t first,
	uint32_t nr, struct ext2_extent *extent, unsigned max, unsigned *found);

/**
 * ext2_write_begin - blocks to write [@first, @first + @nr) of a file to.
 * @nr:    at most EXT2_WRITE_MAX
 * @block: OUT, @nr of them: the file's, or new ones that are reserved
 *
 * Ends with ext2_write_end() or ext2_write_cancel().
 */
enum ext2_error ext2_write_begin(struct ext2 *fs, uint32_t inode,
	uint32_t first, uint32_t nr, uint32_t *block);

/**
 * ext2_write_end - the blocks are written: they belong to the file.
 * @size: bytes that the file has at least; they end in its last block
 *
 * EXT2_EINVAL: other blocks than ext2_write_begin() gave.
 */
enum ext2_error ext2_write_end(struct ext2 *fs, uint32_t inode, uint32_t first,
	uint32_t nr, const uint32_t *block, uint64_t size);

/** ext2_write_cancel - the blocks were not written. */
void ext2_write_cancel(struct ext2 *fs, uint32_t nr, const uint32_t *block);

#endif
