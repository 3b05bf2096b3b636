/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file into the client's frames, from its question to the data there:
 * three domains, and the device.  By blocks that the device writes to the
 * client's frames, and by the file system's frames and a string.
 *
 * Arguments: fs=NAME store=NAME (portals) print (the figures, too, as the Linux
 * domain's job does)
 */
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/file.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

#define FRAMES 128u
#define ROUNDS 9u

/* Where strings go; the frames are seen here, too. */
#define MEMORY ((void *)WINDOW_GPA)

static struct file file;
static struct file_buffer buffer;

static uint64_t by_device(uint64_t size, uint64_t *done)
{
	return file_read(&file, 0, size, &buffer, 0, done);
}

static uint64_t by_copy(uint64_t size, uint64_t *done)
{
	return file_read_copy(&file, 0, size, MEMORY, done);
}

static void measure(const char *name, uint64_t frames,
	uint64_t (*read)(uint64_t size, uint64_t *done))
{
	uint64_t size = frames * CONTAINER_FRAME_SIZE, ticks[ROUNDS];
	uint64_t cost = bench_tsc_cost();
	char text[16];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t done, start = bench_tsc();
		uint64_t error = read(size, &done);

		ticks[round] = bench_tsc() - start - cost;
		if (error || done != size)
			panic("reading failed: error %lx", error);
	}
	format(text, sizeof(text), "%lu", frames);
	bench_record(name, text, bench_median(ticks, ROUNDS));
	if (args_flag(startup_page()->args, "print"))
		print("figure: %s %lu %lu\n", name, frames,
			bench_median(ticks, ROUNDS));
}

int main(void)
{
	static const uint64_t counts[] = {1, 16, FRAMES};
	const struct file_system fs = {
		partner_from_args("fs"), partner_from_args("store")};
	uint64_t ref;

	if (container_create(&ref) != VMM_OK ||
		container_allocate(ref, 0, FRAMES, 0) != VMM_OK ||
		container_map(ref, 0, FRAMES,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, WINDOW_GPA,
			NULL) != VMM_OK ||
		file_share(&fs, ref, &buffer) != VMM_OK ||
		file_open(&fs, "/big", 0, &file) != FS_OK)
		panic("no file to read, or nowhere to");
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		measure("file-read", counts[i], by_device);
		measure("file-read-copy", counts[i], by_copy);
	}
	return 0;
}
