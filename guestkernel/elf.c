/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: System V ABI, "Object Files" (ELF-64). */
#include "guestkernel/elf.h"

#include <stdbool.h>

#include "guestkernel/abi/kip.h"
#include "guestkernel/frames.h"
#include "guestkernel/panic.h"
#include "guestkernel/x86/layout.h"

#define ELF_MAGIC 0x464c457fu
#define ELF_CLASS_64 2
#define ELF_TYPE_EXEC 2
#define ELF_MACHINE_X86_64 62
#define PT_LOAD 1

struct elf_header {
	uint32_t magic;
	uint8_t class, data, version, os_abi;
	uint8_t padding[8];
	uint16_t type, machine;
	uint32_t file_version;
	uint64_t entry, program_headers, section_headers;
	uint32_t flags;
	uint16_t header_size, program_header_size, nr_program_headers;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, virt, phys, file_size, memory_size, align;
};

static bool overlaps(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

static void check_place(
	const struct boot_info *boot, uint64_t start, uint64_t size)
{
	uint64_t end = start + size;
	uint64_t info = virt_to_phys(boot);

	if (end < start || end > boot->ram_size || end > KERNEL_WINDOW_SIZE ||
		!frames_are_user(start, size))
		panic("segment outside of free memory", start);
	if (overlaps(start, end, info, info + boot->size))
		panic("segment over the boot information", start);
	for (uint32_t i = 0; i < boot->nr_modules; i++) {
		const struct boot_module *m = &boot->module[i];

		if (overlaps(start, end, m->start, m->start + m->size))
			panic("segment over a boot module", start);
	}
}

static void load_segment(const struct boot_info *boot, const char *file,
	uint64_t file_size, const struct elf_segment *s)
{
	uint8_t *to = phys_to_virt(s->phys);

	if (s->offset > file_size || s->file_size > file_size - s->offset ||
		s->file_size > s->memory_size)
		panic("segment outside of its file", s->offset);
	check_place(boot, s->phys, s->memory_size);
	__builtin_memcpy(to, file + s->offset, s->file_size);
	__builtin_memset(to + s->file_size, 0, s->memory_size - s->file_size);
}

static const struct elf_header *header_of(const struct boot_module *module)
{
	const struct elf_header *h = phys_to_virt(module->start);

	if (module->size < sizeof(*h) || h->magic != ELF_MAGIC ||
		h->class != ELF_CLASS_64 || h->type != ELF_TYPE_EXEC ||
		h->machine != ELF_MACHINE_X86_64 ||
		h->program_header_size != sizeof(struct elf_segment) ||
		h->program_headers > module->size ||
		h->nr_program_headers * sizeof(struct elf_segment) >
			module->size - h->program_headers)
		panic("boot module is no x86-64 ELF executable", module->start);
	return h;
}

void elf_load(const struct boot_info *boot, const struct boot_module *module,
	struct kip_server *server)
{
	const char *file = phys_to_virt(module->start);
	const struct elf_header *h = header_of(module);
	const struct elf_segment *s = (const void *)(file + h->program_headers);

	server->ip = h->entry;
	server->sp = 0;
	server->low = UINT64_MAX;
	server->high = 0;
	for (unsigned i = 0; i < h->nr_program_headers; i++) {
		if (s[i].type != PT_LOAD || !s[i].memory_size)
			continue;
		load_segment(boot, file, module->size, &s[i]);
		if (s[i].phys < server->low)
			server->low = s[i].phys;
		if (s[i].phys + s[i].memory_size > server->high)
			server->high = s[i].phys + s[i].memory_size;
	}
	if (!server->high)
		panic("boot module has nothing to load", module->start);
}
