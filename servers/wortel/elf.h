/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Program files: which parts of an ELF file go where in a task.
 *
 * Source: System V ABI, "Object Files" and its AMD64 supplement.
 */
#ifndef SERVERS_WORTEL_ELF_H
#define SERVERS_WORTEL_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 8

/* Where a program may lie. */
#define ELF_ADDRESS_MIN UINT64_C(0x400000)
#define ELF_ADDRESS_MAX UINT64_C(0x80000000) /* exclusive */

struct elf_segment {
	uint64_t address;
	uint64_t memory_size; /* not 0; what the file lacks is zero */
	uint64_t offset;      /* in the file */
	uint64_t file_size;
	uint64_t rights; /* FPAGE_R, FPAGE_W, FPAGE_X */
};

struct elf_image {
	uint64_t entry;
	unsigned nr_segments;
	struct elf_segment segment[ELF_SEGMENTS_MAX]; /* by address */
};

/**
 * elf_read - find the segments of an executable file.
 * @file: its bytes, of which none is trusted
 * @size: their number
 *
 * Returns NULL and fills *@image, or says in words what is wrong.
 */
const char *elf_read(const void *file, uint64_t size, struct elf_image *image);

/**
 * elf_page - make one page of a program.
 * @file:    the file that elf_read took @image from
 * @address: of the page, a multiple of 4096
 * @page:    4096 zero bytes; gets the contents
 *
 * Returns the rights to map it with; 0 if the program has nothing there.
 */
uint64_t elf_page(const struct elf_image *image, const void *file,
	uint64_t address, void *page);

#endif
