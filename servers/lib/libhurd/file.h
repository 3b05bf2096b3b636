/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of a file system, read into and written from containers.
 *
 * The file system says where the data is, the store moves it: neither sees the
 * other's part, and no guest copies it.
 */
#ifndef SERVERS_LIB_LIBHURD_FILE_H
#define SERVERS_LIB_LIBHURD_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "servers/abi/fs.h"

#define FILE_UNREACHABLE UINT64_MAX  /* beside FS_E*: an Ipc failed */
#define FILE_ESTORE (UINT64_MAX - 1) /* the store refused or failed */

/** Where files are, and where their data is. */
struct file_system {
	thread_id_t fs;	   /* portal of the file system */
	thread_id_t store; /* portal of its store */
};

struct file {
	const struct file_system *of;
	uint64_t number;
	uint64_t size; /* when it was opened, or changed by this program */
};

/** A container, and what the store's domain calls it. */
struct file_buffer {
	uint64_t ref;
	uint64_t there;
};

/** file_share - let the store use a container.  Returns VMM_E* or VMM_OK. */
uint64_t file_share(
	const struct file_system *of, uint64_t ref, struct file_buffer *buffer);

/**
 * file_open - @flags: FS_CREATE or 0
 *
 * Returns FS_E*; FS_EINVAL for a path that is too long.
 */
uint64_t file_open(const struct file_system *of, const char *path,
	uint64_t flags, struct file *file);

/**
 * file_read - bytes of a file into frames of a container.
 * @offset: multiple of FS_UNIT
 * @size:   multiple of FS_UNIT, at most FS_SIZE_MAX
 * @frame:  the first of the container
 * @done:   OUT, bytes of the file that are there, less than @size at its end
 *
 * Frames of holes get zeroed anew.
 */
uint64_t file_read(struct file *file, uint64_t offset, uint64_t size,
	const struct file_buffer *buffer, uint64_t frame, uint64_t *done);

/**
 * file_read_copy - bytes of a file into memory of the task, by copies of the
 * file system and of the kernels.
 * @offset: multiple of FS_UNIT
 * @size:   multiple of FS_UNIT, at most FS_COPY_MAX
 * @done:   OUT, bytes that are there: a part of them, or less at its end
 */
uint64_t file_read_copy(struct file *file, uint64_t offset, uint64_t size,
	void *memory, uint64_t *done);

/**
 * file_write - frames of a container become bytes of a file.
 * @offset: multiple of FS_UNIT
 * @size:   bytes, at most FS_SIZE_MAX; frames are written whole
 */
uint64_t file_write(struct file *file, uint64_t offset, uint64_t size,
	const struct file_buffer *buffer, uint64_t frame);

uint64_t file_truncate(struct file *file, uint64_t size);

/** file_unlink, file_mkdir, file_rmdir - by path. */
uint64_t file_unlink(const struct file_system *of, const char *path);
uint64_t file_mkdir(const struct file_system *of, const char *path);
uint64_t file_rmdir(const struct file_system *of, const char *path);

/**
 * file_list - an entry of a directory.
 * @position: IN, 0 at first; OUT, of the next
 * @name:     OUT, 8 * FS_NAME_WORDS bytes
 *
 * FS_ENOENT: there are no more.
 */
uint64_t file_list(
	const struct file *directory, uint64_t *position, char *name);

#endif
