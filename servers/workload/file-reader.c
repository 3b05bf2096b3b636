/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file-reader: reads a piece of the disk at every release of the domain's
 * reservation, at a place that the seed decides.  Its samples are from the
 * release until the data is there.  It drives the disk itself.
 *
 * Arguments: read_bytes=NUMBER seed=NUMBER
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/workload/disk.h"
#include "servers/workload/release.h"
#include "servers/workload/report.h"

#define READ_BYTES_DEFAULT 16384

int main(void)
{
	uint32_t size = (uint32_t)args_number(
		startup_page()->args, "read_bytes", READ_BYTES_DEFAULT);
	uint64_t pieces = disk_open() * DISK_SECTOR / size;
	struct release release;

	if (pieces == 0 || size > DISK_READ_MAX)
		panic("%u bytes cannot be read at once", size);
	disk_read(0, size);
	release_begin(&release);
	workload_begin();
	for (;;) {
		uint64_t released = release_wait(&release);
		uint64_t piece = workload_random() % pieces;

		disk_read(piece * (size / DISK_SECTOR), size);
		workload_sample(released);
	}
}
