/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading an ELF64 executable by its physical addresses.
 *
 * Source: System V ABI, "Program Header"; AMD64 supplement.
 */
#ifndef VMM_BOOT_ELF_H
#define VMM_BOOT_ELF_H

#include <stdbool.h>

#include "virtio/guestmem.h"

struct elf_image {
	uint64_t entry;
	uint64_t start; /* lowest physical address loaded */
	uint64_t end;	/* first byte behind the highest */
};

/**
 * elf_is_program - @file is a static x86-64 executable by its header.
 */
NODISCARD bool elf_is_program(const void *file, size_t size);

/**
 * elf_load - load the PT_LOAD segments of @file (@size bytes) into @gm.
 *
 * Returns 0, -ENOEXEC (not a static x86-64 EXEC file, or headers outside of
 * the file), or -EFAULT (a segment outside of RAM).
 */
NODISCARD int elf_load(struct guestmem *gm, const void *file, size_t size,
	struct elf_image *image);

/**
 * elf_symbol - the value of the first symbol @name of @file (@size bytes).
 *
 * Returns 0, or -ENOENT: no such symbol, no table of them, or headers outside
 * of the file.
 */
NODISCARD int elf_symbol(
	const void *file, size_t size, const char *name, uint64_t *value);

#endif
