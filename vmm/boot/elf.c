/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/boot/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool header_ok(const Elf64_Ehdr *h, size_t size)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
		h->e_ident[EI_CLASS] != ELFCLASS64 ||
		h->e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	if (h->e_type != ET_EXEC || h->e_machine != EM_X86_64 ||
		h->e_phentsize != sizeof(Elf64_Phdr))
		return false;
	return h->e_phoff <= size &&
	       (size - h->e_phoff) / sizeof(Elf64_Phdr) >= h->e_phnum;
}

/* The rest of a segment is zero already: RAM is fresh from the pool. */
static int segment_load(struct guestmem *gm, const char *file, size_t size,
	const Elf64_Phdr *ph)
{
	if (ph->p_filesz > ph->p_memsz || ph->p_offset > size ||
		ph->p_filesz > size - ph->p_offset)
		return -ENOEXEC;
	if (!ph->p_memsz)
		return 0;
	/* One byte at the end: the whole range has to be RAM. */
	if (ph->p_paddr + ph->p_memsz < ph->p_paddr)
		return -EFAULT;

	char last = 0;
	gpa_t end = {ph->p_paddr + ph->p_memsz - 1};

	if (guestmem_read(gm, end, &last, 1))
		return -EFAULT;
	return guestmem_write(
		gm, (gpa_t){ph->p_paddr}, file + ph->p_offset, ph->p_filesz);
}

bool elf_is_program(const void *file, size_t size)
{
	Elf64_Ehdr h;

	if (size < sizeof(h))
		return false;
	memcpy(&h, file, sizeof(h));
	return header_ok(&h, size);
}

int elf_load(struct guestmem *gm, const void *file, size_t size,
	struct elf_image *image)
{
	Elf64_Ehdr h;

	if (!elf_is_program(file, size))
		return -ENOEXEC;
	memcpy(&h, file, sizeof(h));
	*image = (struct elf_image){.entry = h.e_entry, .start = UINT64_MAX};
	for (unsigned i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, (const char *)file + h.e_phoff + i * sizeof(ph),
			sizeof(ph));
		if (ph.p_type != PT_LOAD)
			continue;

		int err = segment_load(gm, file, size, &ph);

		if (err)
			return err;
		if (ph.p_paddr < image->start)
			image->start = ph.p_paddr;
		if (ph.p_paddr + ph.p_memsz > image->end)
			image->end = ph.p_paddr + ph.p_memsz;
	}
	return image->end ? 0 : -ENOEXEC;
}

/* Section @index, if it lies in the file. */
static bool section_at(
	const char *file, size_t size, uint64_t index, Elf64_Shdr *section)
{
	Elf64_Ehdr h;

	memcpy(&h, file, sizeof(h));
	if (index >= h.e_shnum || h.e_shentsize != sizeof(*section) ||
		h.e_shoff > size ||
		(size - h.e_shoff) / sizeof(*section) < h.e_shnum)
		return false;
	memcpy(section, file + h.e_shoff + index * sizeof(*section),
		sizeof(*section));
	return section->sh_type != SHT_NOBITS && section->sh_offset <= size &&
	       section->sh_size <= size - section->sh_offset;
}

static bool is_named(const char *file, const Elf64_Shdr *strings,
	uint64_t offset, const char *name)
{
	size_t bytes = strlen(name) + 1;

	return offset <= strings->sh_size &&
	       bytes <= strings->sh_size - offset &&
	       !memcmp(file + strings->sh_offset + offset, name, bytes);
}

static int find_in(const char *file, const Elf64_Shdr *table,
	const Elf64_Shdr *strings, const char *name, uint64_t *value)
{
	for (uint64_t i = 0; i < table->sh_size / sizeof(Elf64_Sym); i++) {
		Elf64_Sym symbol;

		memcpy(&symbol, file + table->sh_offset + i * sizeof(symbol),
			sizeof(symbol));
		if (!is_named(file, strings, symbol.st_name, name))
			continue;
		*value = symbol.st_value;
		return 0;
	}
	return -ENOENT;
}

int elf_symbol(const void *file, size_t size, const char *name, uint64_t *value)
{
	Elf64_Shdr table, strings;

	if (!elf_is_program(file, size))
		return -ENOENT;
	for (uint64_t i = 0; i <= UINT16_MAX; i++)
		if (section_at(file, size, i, &table) &&
			table.sh_type == SHT_SYMTAB)
			return section_at(file, size, table.sh_link, &strings)
				       ? find_in(file, &table, &strings, name,
						 value)
				       : -ENOENT;
	return -ENOENT;
}
