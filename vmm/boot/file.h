/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are loaded into a domain, mapped for the time of loading.
 */
#ifndef VMM_BOOT_FILE_H
#define VMM_BOOT_FILE_H

#include <stddef.h>

struct boot_file {
	const void *data; /* NULL for an empty file */
	size_t size;
};

/** boot_file_map - map @path read-only; 0 or -errno (-EINVAL: no file). */
__attribute__((warn_unused_result)) int boot_file_map(
	struct boot_file *f, const char *path);

/** boot_file_unmap - end the mapping. */
void boot_file_unmap(struct boot_file *f);

#endif
