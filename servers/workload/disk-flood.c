/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk-flood: reads all over the domain's disk, in the largest pieces, without
 * end.
 *
 * Arguments: seed=NUMBER
 */
#include "servers/lib/libhurd/task.h"
#include "servers/workload/disk.h"
#include "servers/workload/report.h"

int main(void)
{
	uint64_t pieces = disk_open() * DISK_SECTOR / DISK_READ_MAX;

	if (pieces == 0)
		panic("the disk is too small");
	disk_read(0, DISK_READ_MAX);
	workload_begin();
	for (;;)
		disk_read(workload_random() % pieces *
				  (DISK_READ_MAX / DISK_SECTOR),
			DISK_READ_MAX);
}
