/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes, writes, shortens and removes files for ever, or until an error, which
 * it prints.
 *
 * Arguments: fs=NAME store=NAME (portals) seed=N
 */
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/file.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"

#define FRAMES 32u
#define FILES 12u
#define REPORT_EVERY 50u

static struct file_system fs;
static struct file_buffer buffer;
static uint64_t state;

static uint64_t any(uint64_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

static void prepare(void)
{
	uint64_t ref;

	fs.fs = partner_from_args("fs");
	fs.store = partner_from_args("store");
	state = args_number(startup_page()->args, "seed", 1);
	if (container_create(&ref) != VMM_OK ||
		container_allocate(ref, 0, FRAMES, 0) != VMM_OK ||
		file_share(&fs, ref, &buffer) != VMM_OK)
		panic("no container to write from");
}

static uint64_t step(void)
{
	char path[16];
	struct file file;
	uint64_t error;

	format(path, sizeof(path), "/churn-%lu", any(FILES));
	error = file_open(&fs, path, FS_CREATE, &file);
	if (error)
		return error;
	switch (any(4)) {
	case 0:
		return file_unlink(&fs, path);
	case 1:
		return file_truncate(&file, any(FRAMES) * 4000);
	default:
		return file_write(&file, any(20) * FS_UNIT,
			1 + any(FRAMES * FS_UNIT), &buffer, 0);
	}
}

int main(void)
{
	uint64_t error = FS_OK;

	prepare();
	for (unsigned n = 1; !error; n++) {
		error = step();
		if (n % REPORT_EVERY == 0)
			print("%u steps\n", n);
	}
	print("ended: error %lx\n", error);
	return 1;
}
