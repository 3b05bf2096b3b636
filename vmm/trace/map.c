/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's view of the rings, which are a file of the system's process.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/launch.h"
#include "vmm/trace/trace.h"

static bool is_whole(const struct trace_file *file, uint64_t size)
{
	return file->version == TRACE_VERSION &&
	       file->nr_rings <= LAUNCH_CPUS_MAX &&
	       size >= trace_size(file->nr_rings);
}

const struct trace_file *trace_map(uint32_t pid, uint32_t trace_fd)
{
	const struct trace_file *file = MAP_FAILED;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/fd/%u", pid, trace_fd);

	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (size_t)st.st_size > sizeof(*file))
		file = mmap(
			NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		return NULL;
	if (is_whole(file, (uint64_t)st.st_size))
		return file;
	munmap((void *)file, (size_t)st.st_size);
	return NULL;
}

void trace_unmap(const struct trace_file *file)
{
	if (file)
		munmap((void *)file, trace_size(file->nr_rings));
}
