/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/ext2/copy.h"

#include <string.h>

#include "servers/abi/fs.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/store.h"

#define FRAMES (FS_COPY_MAX / CONTAINER_FRAME_SIZE)
#define GPA (WINDOW_GPA + UINT64_C(0x800000)) /* behind the metadata's */

static thread_id_t store;
static uint64_t there; /* the container's name in the driver's domain */

uint64_t copy_start(thread_id_t control)
{
	store = control;
	return store_memory(store, GPA, FRAMES, &there);
}

const void *copy_read(
	const struct ext2 *fs, const struct ext2_extent *extent, unsigned nr)
{
	uint64_t sectors = fs->block_size / STORE_SECTOR, at = 0;
	struct store_piece piece[FS_EXTENTS_MAX];
	unsigned pieces = 0;

	for (unsigned i = 0; i < nr; i++) {
		uint64_t size = (uint64_t)extent[i].nr * fs->block_size;

		if (extent[i].block)
			piece[pieces++] =
				(struct store_piece){extent[i].block * sectors,
					extent[i].nr * sectors, at};
		else
			memset((char *)GPA + at, 0, size);
		at += size;
	}
	if (pieces && store_transfer(store, STORE_ALL, STORE_READ, there, piece,
			      pieces) != STORE_OK)
		return NULL;
	return (const void *)GPA;
}

_Static_assert(FS_EXTENTS_MAX <= STORE_BATCH_MAX, "one batch");
