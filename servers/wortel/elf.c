/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Program files.  Headers are copied out of the file before they are looked
 * at; every sum is checked on the copy.
 */
#include "servers/wortel/elf.h"

#include <stdbool.h>

#include "guestkernel/abi/fpage.h"
#include "servers/lib/libc/string.h"

#define PAGE UINT64_C(0x1000)

#define ELF_MAGIC "\177ELF\2\1\1" /* 64 bit, little endian, version 1 */
#define ELF_MAGIC_SIZE 7
#define ET_EXEC 2
#define EM_X86_64 62
#define PT_LOAD 1
#define PF_X 1u
#define PF_W 2u

struct elf_header {
	char ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};

_Static_assert(sizeof(struct elf_header) == 64, "Elf64_Ehdr");

struct elf_program_header {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

_Static_assert(sizeof(struct elf_program_header) == 56, "Elf64_Phdr");

static bool range_inside(uint64_t start, uint64_t len, uint64_t size)
{
	return start <= size && len <= size - start;
}

static const char *add_segment(struct elf_image *image,
	const struct elf_program_header *ph, uint64_t size)
{
	uint64_t low = ELF_ADDRESS_MIN;

	if (image->nr_segments > 0) {
		const struct elf_segment *last =
			&image->segment[image->nr_segments - 1];

		low = last->address + last->memory_size;
	}
	if (image->nr_segments == ELF_SEGMENTS_MAX)
		return "too many segments";
	if (ph->filesz > ph->memsz)
		return "a segment is larger in the file than in memory";
	if (!range_inside(ph->offset, ph->filesz, size))
		return "a segment lies outside of the file";
	if (ph->vaddr < low)
		return "segments overlap, or lie below the program's place";
	if (!range_inside(ph->vaddr, ph->memsz, ELF_ADDRESS_MAX))
		return "a segment lies above the program's place";

	image->segment[image->nr_segments++] = (struct elf_segment){
		.address = ph->vaddr,
		.memory_size = ph->memsz,
		.offset = ph->offset,
		.file_size = ph->filesz,
		.rights = FPAGE_R | (ph->flags & PF_W ? FPAGE_W : 0) |
			  (ph->flags & PF_X ? FPAGE_X : 0),
	};
	return NULL;
}

static bool entry_is_executable(const struct elf_image *image)
{
	for (unsigned i = 0; i < image->nr_segments; i++) {
		const struct elf_segment *s = &image->segment[i];

		if ((s->rights & FPAGE_X) && image->entry >= s->address &&
			image->entry - s->address < s->memory_size)
			return true;
	}
	return false;
}

const char *elf_read(const void *file, uint64_t size, struct elf_image *image)
{
	struct elf_header header;

	if (size < sizeof(header))
		return "too short for an ELF file";
	memcpy(&header, file, sizeof(header));
	if (memcmp(header.ident, ELF_MAGIC, ELF_MAGIC_SIZE) != 0)
		return "no 64-bit little-endian ELF file";
	if (header.type != ET_EXEC || header.machine != EM_X86_64)
		return "no static x86-64 executable";
	if (header.phentsize != sizeof(struct elf_program_header) ||
		!range_inside(header.phoff,
			(uint64_t)header.phnum *
				sizeof(struct elf_program_header),
			size))
		return "bad program headers";

	*image = (struct elf_image){.entry = header.entry};
	for (unsigned i = 0; i < header.phnum; i++) {
		struct elf_program_header ph;
		const char *error;

		memcpy(&ph, (const char *)file + header.phoff + i * sizeof(ph),
			sizeof(ph));
		if (ph.type != PT_LOAD || ph.memsz == 0)
			continue;
		error = add_segment(image, &ph, size);
		if (error != NULL)
			return error;
	}
	if (!entry_is_executable(image))
		return "the entry point is in no executable segment";
	return NULL;
}

/* Copies the part of segment @s that lies in the file and in the page. */
static void copy_part(const struct elf_segment *s, const void *file,
	uint64_t address, void *page)
{
	uint64_t start = s->address > address ? s->address : address;
	uint64_t end = s->address + s->file_size;

	if (end > address + PAGE)
		end = address + PAGE;
	if (start >= end)
		return;
	memcpy((char *)page + (start - address),
		(const char *)file + s->offset + (start - s->address),
		end - start);
}

uint64_t elf_page(const struct elf_image *image, const void *file,
	uint64_t address, void *page)
{
	uint64_t rights = 0;

	for (unsigned i = 0; i < image->nr_segments; i++) {
		const struct elf_segment *s = &image->segment[i];

		if (s->address >= address + PAGE ||
			s->address + s->memory_size <= address)
			continue;
		rights |= s->rights;
		copy_part(s, file, address, page);
	}
	return rights;
}
