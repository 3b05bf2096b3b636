/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system: which blocks of which store a file is.
 *
 * Owner: the ext2 server.  Users: its clients.  Freestanding C11 only.
 *
 * A request is an Ipc (call); the label is FS_*, arguments from MR1 on.  The
 * reply has MR1 = an error, results from MR2 on.  A path is packed, 8 bytes a
 * word, NUL padded, FS_PATH_MAX bytes at most.
 *
 * Data does not pass the file system (but for FS_READ_COPY).  The answer to FS_READ and
 * FS_WRITE_BEGIN is a capability of the store (store.h) for the blocks, and
 * where they are: pairs of first sector, or FS_HOLE, and sectors.
 */
#ifndef SERVERS_ABI_FS_H
#define SERVERS_ABI_FS_H

#include <stdint.h>

#define FS_ABI_VERSION 1

/* MR1 = FS_CREATE or 0, then the path.  Reply: MR2 = file, MR3 = bytes. */
#define FS_OPEN 1u
/*
 * MR1 = file, MR2 = first byte, MR3 = bytes, multiples of FS_UNIT, at most
 * FS_SIZE_MAX.  Reply: MR2 = capability, 0 if there are only holes; MR3 = how
 * many of the bytes are told, 0 at the end of the file; then the extents.
 */
#define FS_READ 2u
/*
 * As FS_READ, of a file that may end before.  All bytes are told, or
 * FS_EFRAGMENTED: fewer will do.  Ends with FS_WRITE_END, or when the same
 * domain begins another write.
 */
#define FS_WRITE_BEGIN 3u
/* MR1 = bytes that the file has at least; they end in the last FS_UNIT that
 * was written.  The write of the sender's domain is part of the file now. */
#define FS_WRITE_END 4u
/* MR1 = file, MR2 = bytes that it has from now on. */
#define FS_TRUNCATE 5u
/* The path. */
#define FS_UNLINK 6u
#define FS_MKDIR 7u
#define FS_RMDIR 8u
/* MR1 = file, a directory, MR2 = position, 0 at first.  Reply: MR2 = file,
 * MR3 = next position, then the name, packed.  FS_ENOENT: no more. */
#define FS_READDIR 9u
/*
 * As FS_READ, at most FS_COPY_MAX bytes, by copy: the file system reads them
 * itself.  Reply: MR2 = how many of the bytes there are, fewer if more would be
 * too many extents; unless there are none, a string of them.
 */
#define FS_READ_COPY 10u

#define FS_CREATE 1u
#define FS_UNIT 4096u
#define FS_SIZE_MAX (UINT64_C(256) * FS_UNIT)
#define FS_COPY_MAX (UINT64_C(128) * FS_UNIT)
#define FS_PATH_MAX 440u
#define FS_NAME_WORDS 32u /* at most; the last byte is NUL */
#define FS_EXTENTS_MAX 28u
#define FS_HOLE UINT64_MAX

#define FS_OK 0u
#define FS_EINVAL 1u
#define FS_EIO 2u
#define FS_ENOENT 3u
#define FS_EEXIST 4u
#define FS_ENOTDIR 5u
#define FS_EISDIR 6u
#define FS_ENOTEMPTY 7u
#define FS_ENOSPC 8u
#define FS_EFBIG 9u
#define FS_EFRAGMENTED 10u
#define FS_EBUSY 11u /* too many writes at once */
#define FS_ECORRUPT 12u

_Static_assert(1 + FS_PATH_MAX / 8 <= 60, "one message");
_Static_assert(3 + 2 * FS_EXTENTS_MAX <= 60, "one message");

#endif
