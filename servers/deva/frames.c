/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/deva/frames.h"

#include "servers/abi/store.h"
#include "servers/lib/libhurd/container.h"

static struct container_piece table[FRAMES_MAX];
static uint64_t locked, start; /* the container, the first frame */

uint64_t frames_lock(uint32_t domain, uint64_t container, uint64_t first,
	uint64_t end, bool device_writes)
{
	uint64_t rights =
		device_writes ? CONTAINER_MAP_WRITE : CONTAINER_MAP_READ;
	unsigned pieces = 0, nr;
	uint64_t origin;

	if (container_origin(container, &origin) != VMM_OK ||
		origin != domain || end - first > FRAMES_MAX)
		return STORE_ECONTAINER;
	start = first;
	locked = container;
	while (first < end) {
		if (container_lock_physical(container, first, end - first,
			    rights, &table[pieces], &nr) != VMM_OK) {
			if (pieces)
				frames_unlock();
			return STORE_ECONTAINER;
		}
		for (unsigned i = 0; i < nr; i++)
			first += table[pieces++].count;
	}
	return STORE_OK;
}

uint64_t frames_address(uint64_t offset, uint64_t *size)
{
	uint64_t at = offset - start * CONTAINER_FRAME_SIZE;
	const struct container_piece *piece = table;

	for (; at >= piece->count * CONTAINER_FRAME_SIZE; piece++)
		at -= piece->count * CONTAINER_FRAME_SIZE;
	if (*size > piece->count * CONTAINER_FRAME_SIZE - at)
		*size = piece->count * CONTAINER_FRAME_SIZE - at;
	return piece->address + at;
}

/* A device that never answered may hold it for ever: then it stays locked. */
void frames_unlock(void)
{
	(void)container_unlock(locked);
}
