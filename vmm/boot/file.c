/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/boot/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int boot_file_map(struct boot_file *f, const char *path)
{
	struct stat st;
	void *data = NULL;
	int err = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (st.st_size) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			fd, 0);
		if (data == MAP_FAILED)
			err = -errno;
	}
	close(fd);
	if (!err)
		*f = (struct boot_file){data, (size_t)st.st_size};
	return err;
}

void boot_file_unmap(struct boot_file *f)
{
	if (f->data)
		munmap((void *)(uintptr_t)f->data, f->size);
}
