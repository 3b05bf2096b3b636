/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/ext2/metadata.h"

#include <string.h>

#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/store.h"

#define FRAMES EXT2_CACHE_BLOCKS /* a block has a frame */
#define FRAME CONTAINER_FRAME_SIZE

static thread_id_t control;
static uint64_t there; /* the container's name in the driver's domain */

/*
 * The driver died, or its device does not answer: what it was told of may
 * happen yet, so the frames stay as they are.
 */
static bool lost;

static uint8_t *frame(unsigned i)
{
	return (uint8_t *)(WINDOW_GPA + i * FRAME);
}

static bool transfer(
	uint64_t right, const struct store_piece *piece, unsigned nr)
{
	uint64_t error = lost ? STORE_UNREACHABLE
			      : store_transfer(control, STORE_ALL, right, there,
					piece, nr);

	lost |= error == STORE_UNREACHABLE || error == STORE_ETIME;
	return error == STORE_OK;
}

/* Sectors around the bytes; they fit into the container. */
static bool metadata_read(
	void *context, uint64_t offset, void *buffer, size_t size)
{
	uint64_t first = offset / STORE_SECTOR;
	uint64_t end = (offset + size + STORE_SECTOR - 1) / STORE_SECTOR;
	struct store_piece piece = {first, end - first, 0};

	(void)context;
	if (!transfer(STORE_READ, &piece, 1))
		return false;
	memcpy(buffer, frame(0) + offset % STORE_SECTOR, size);
	return true;
}

static bool metadata_write(void *context, uint32_t block_size,
	const struct ext2_write *list, unsigned nr)
{
	struct store_piece piece[EXT2_CACHE_BLOCKS];
	uint64_t sectors = block_size / STORE_SECTOR;

	(void)context;
	for (unsigned i = 0; i < nr && !lost; i++) {
		memcpy(frame(i), list[i].data, block_size);
		piece[i] = (struct store_piece){
			list[i].block * sectors, sectors, i * FRAME};
	}
	return transfer(STORE_WRITE, piece, nr) &&
	       store_flush(control) == STORE_OK;
}

uint64_t metadata_start(thread_id_t portal, struct ext2_store *store)
{
	uint64_t sectors, read_only, error;

	control = portal;
	error = store_info(control, &sectors, &read_only);
	if (error)
		return error;
	error = store_memory(control, WINDOW_GPA, FRAMES, &there);
	if (error)
		return error;
	*store = (struct ext2_store){
		.size = sectors * STORE_SECTOR,
		.read = metadata_read,
		.write = metadata_write,
	};
	return STORE_OK;
}

_Static_assert(EXT2_CACHE_BLOCKS <= STORE_BATCH_MAX, "one commit, one batch");
