/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/workload/disk.h"

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libvirtio/blk.h"

#define MEMORY_LOG2 17 /* the driver's, and what is read */

_Static_assert(BLK_MEMORY_SIZE + DISK_READ_MAX <= 1u << MEMORY_LOG2, "fits");
_Static_assert(DISK_SECTOR == BLK_SECTOR, "one unit");

static uint64_t data; /* at the same physical and virtual address */

uint64_t disk_open(void)
{
	fpage_t pages = L4_Sigma0_GetAny(
		(thread_id_t){startup_page()->sigma0}, MEMORY_LOG2);

	if (fpage_is_nil(pages))
		panic("no memory for the disk");
	if (blk_start((void *)fpage_base(pages)) != BLK_OK)
		panic("the domain has no disk");
	data = fpage_base(pages) + BLK_MEMORY_SIZE;
	return blk_sectors();
}

void disk_read(uint64_t sector, uint32_t size)
{
	const struct blk_request request = {sector, data, size};
	enum blk_error error = blk_transfer(&request, 1, false);

	if (error != BLK_OK)
		panic("reading the disk: error %d", error);
}
