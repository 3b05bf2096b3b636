/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file into a container, from the file system's answer to the data
 * in the frames: three domains, and the device.
 *
 * Arguments: fs=NAME store=NAME (portals)
 */
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/file.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

#define FRAMES 128u
#define ROUNDS 9u

static uint64_t read_once(
	struct file *file, const struct file_buffer *buffer, uint64_t frames)
{
	uint64_t done, start = bench_tsc();
	uint64_t error = file_read(
		file, 0, frames * CONTAINER_FRAME_SIZE, buffer, 0, &done);
	uint64_t took = bench_tsc() - start;

	if (error || done != frames * CONTAINER_FRAME_SIZE)
		panic("reading failed: error %lx", error);
	return took;
}

int main(void)
{
	static const uint64_t counts[] = {1, 16, FRAMES};
	const struct file_system fs = {
		partner_from_args("fs"), partner_from_args("store")};
	uint64_t ticks[ROUNDS], cost = bench_tsc_cost(), ref;
	struct file_buffer buffer;
	struct file file;
	char frames[16];

	if (container_create(&ref) != VMM_OK ||
		container_allocate(ref, 0, FRAMES, 0) != VMM_OK ||
		file_share(&fs, ref, &buffer) != VMM_OK ||
		file_open(&fs, "/big", 0, &file) != FS_OK)
		panic("no file to read, or nowhere to");
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (unsigned round = 0; round < ROUNDS; round++)
			ticks[round] =
				read_once(&file, &buffer, counts[i]) - cost;
		format(frames, sizeof(frames), "%lu", counts[i]);
		bench_record("file-read", frames, bench_median(ticks, ROUNDS));
	}
	return 0;
}
