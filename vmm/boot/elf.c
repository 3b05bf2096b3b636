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
