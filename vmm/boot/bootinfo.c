/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/boot/bootinfo.h"

#include <stdio.h>
#include <string.h>

#define CMDLINE_MAX (BOOT_NAME_MAX + BOOT_ARGS_MAX)

_Static_assert(
	sizeof(struct bootinfo) +
			L4_SERVERS *
				(sizeof(struct bootinfo_exec) + CMDLINE_MAX) +
			(BOOT_MODULES_MAX - L4_SERVERS) *
				(sizeof(struct bootinfo_module) + CMDLINE_MAX) +
			sizeof(struct bootinfo_address) <=
		BOOTINFO_SIZE,
	"one page");

/* A record of @size bytes, and what follows it. */
static void *add(union bootinfo_page *page, uint64_t type, uint64_t size,
	uint64_t behind)
{
	struct bootinfo_record *r = (void *)&page->word[page->head.size / 8];

	r->type = type;
	r->version = 1;
	r->offset_next = (size + behind + 7) & ~UINT64_C(7);
	page->head.size += r->offset_next;
	page->head.nr_entries++;
	return r;
}

/* "NAME ARGUMENTS"; returns its size with the NUL. */
static uint64_t command_line(const struct boot_module *m, char *line)
{
	return 1 + (uint64_t)snprintf(line, CMDLINE_MAX, "%s%s%s", m->name,
			   m->args[0] ? " " : "", m->args);
}

static void add_module(union bootinfo_page *page, const struct boot_module *m)
{
	char line[CMDLINE_MAX];
	uint64_t size = command_line(m, line);
	struct bootinfo_module *r =
		add(page, BOOTINFO_MODULE, sizeof(*r), size);

	r->start = m->start;
	r->size = m->size;
	r->cmdline_offset = sizeof(*r);
	memcpy(r + 1, line, size);
}

static void add_exec(union bootinfo_page *page, const struct boot_module *m,
	const struct elf_image *image)
{
	char line[CMDLINE_MAX];
	uint64_t size = command_line(m, line);
	struct bootinfo_exec *r = add(page, BOOTINFO_EXEC, sizeof(*r), size);

	r->text = (struct bootinfo_part){
		image->start, image->start, image->end - image->start};
	r->initial_ip = image->entry;
	r->cmdline_offset = sizeof(*r);
	memcpy(r + 1, line, size);
}

void bootinfo_fill(union bootinfo_page *page, const struct boot_info *boot,
	uint64_t info, const struct l4_images *images)
{
	struct bootinfo_address *own;

	memset(page, 0, sizeof(*page));
	page->head.magic = BOOTINFO_MAGIC;
	page->head.version = BOOTINFO_VERSION;
	page->head.size = page->head.first_entry = sizeof(page->head);
	for (uint32_t i = 0; i < boot->nr_modules; i++) {
		const struct boot_module *m = &boot->module[i];

		if (i < L4_SERVERS)
			add_exec(page, m, &images->image[L4_SIGMA0 + i]);
		else
			add_module(page, m);
	}
	own = add(page, BOOTINFO_HYPERHURD, sizeof(*own), 0);
	own->address = info;
}
