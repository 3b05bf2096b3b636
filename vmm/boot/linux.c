/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical layout of a starting Linux domain:
 *
 *   0x00001000  GDT
 *   0x00007000  boot_params
 *   0x00009000  page tables: 4 GiB at their own addresses
 *   0x00020000  command line
 *   0x000a0000  (not in the memory map up to 1 MiB)
 *   0x01000000  kernel, where it prefers to be
 *   ...         initrd, at the end of RAM
 */
#include "vmm/boot/linux.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vmm/boot/elf.h"
#include "vmm/boot/file.h"

#define GDT_GPA 0x1000u
#define PARAMS_GPA 0x7000u
#define TABLES_GPA 0x9000u
#define CMDLINE_GPA 0x20000u
#define LOW_END 0x9fc00u
#define HIGH_START UINT64_C(0x100000)

#define PAGE UINT64_C(4096)
#define PAGE_ENTRIES 512u
#define GIB_MAPPED 4u
#define PTE_PRESENT_WRITE UINT64_C(0x03)
#define PDE_2M UINT64_C(0x80)

#define BOOT_FLAG 0xaa55u
#define HEADER_MAGIC 0x53726448u /* "HdrS" */
#define PROTOCOL_MIN 0x020cu	 /* 64-bit entry */
#define LOADER_UNDEFINED 0xffu
#define SECTOR 512u
#define DEFAULT_SETUP_SECTORS 4u
#define ENTRY_64 0x200u /* from the start of the protected-mode kernel */

#define BOOT_CS 0x10u
#define BOOT_DS 0x18u
#define CR0_PE UINT64_C(0x00000001)
#define CR0_ET UINT64_C(0x00000010)
#define CR0_PG UINT64_C(0x80000000)
#define CR4_PAE UINT64_C(0x20)
#define EFER_LME UINT64_C(0x100)
#define EFER_LMA UINT64_C(0x400)
#define RFLAGS_RESERVED 2u

/* Where the kernel lies and starts. */
struct placement {
	uint64_t entry;
	uint64_t end; /* first byte that it does not use before it has a map */
};

static int say(
	struct machine_error *error, const char *path, const char *why, int err)
{
	snprintf(error->text, sizeof(error->text), "%s: %s", path, why);
	return err;
}

static int place_bzimage(struct guestmem *mem, const struct boot_file *file,
	const struct linux_source *source, struct boot_params *params,
	struct placement *at)
{
	const struct setup_header *h = &params->hdr;
	size_t setup =
		(h->setup_sects ? h->setup_sects : DEFAULT_SETUP_SECTORS) + 1u;
	uint64_t start = h->pref_address;
	size_t skip = setup * SECTOR;

	if (h->version < PROTOCOL_MIN || !(h->xloadflags & XLF_KERNEL_64) ||
		skip >= file->size)
		return -ENOEXEC;
	if (start < HIGH_START || start > source->ram_bytes ||
		h->init_size > source->ram_bytes - start)
		return -ENOMEM;
	if (guestmem_write(mem, (gpa_t){start}, (const char *)file->data + skip,
		    file->size - skip) < 0)
		return -ENOMEM;
	at->entry = start + ENTRY_64;
	at->end = start + h->init_size;
	if (at->end < start + file->size - skip)
		at->end = start + file->size - skip;
	return 0;
}

static int place_vmlinux(struct guestmem *mem, const struct boot_file *file,
	struct boot_params *params, struct placement *at)
{
	struct elf_image image;
	int err = elf_load(mem, file->data, file->size, &image);

	if (err < 0)
		return err == -EFAULT ? -ENOMEM : err;
	if (image.start < HIGH_START)
		return -ENOMEM; /* over the tables below */
	params->hdr.boot_flag = BOOT_FLAG;
	params->hdr.header = HEADER_MAGIC;
	params->hdr.version = PROTOCOL_MIN;
	params->hdr.initrd_addr_max = UINT32_MAX;
	at->entry = image.entry;
	at->end = image.end;
	return 0;
}

/* The header of a bzImage, if @file is one, as its second byte tells. */
static bool read_header(
	const struct boot_file *file, struct setup_header *header)
{
	const size_t offset = offsetof(struct boot_params, hdr);
	const uint8_t *bytes = file->data;

	if (file->size < offset + sizeof(*header))
		return false;
	memcpy(header, bytes + offset, sizeof(*header));
	return header->boot_flag == BOOT_FLAG && header->header == HEADER_MAGIC;
}

static int load_kernel(struct guestmem *mem, const struct linux_source *source,
	struct boot_params *params, struct placement *at,
	struct machine_error *error)
{
	struct setup_header header;
	struct boot_file file;
	int err = boot_file_map(&file, source->kernel);

	if (err < 0)
		return say(error, source->kernel, strerror(-err), err);
	if (read_header(&file, &header)) {
		params->hdr = header;
		err = place_bzimage(mem, &file, source, params, at);
	} else {
		err = place_vmlinux(mem, &file, params, at);
	}
	boot_file_unmap(&file);
	if (err == -ENOEXEC)
		return say(error, source->kernel,
			"neither a bzImage with a 64-bit entry nor a vmlinux",
			err);
	if (err < 0)
		return say(error, source->kernel,
			"does not fit into the domain's RAM", err);
	return 0;
}

/* At the end of RAM, so that the kernel can grow. */
static int load_initrd(struct guestmem *mem, const struct linux_source *source,
	struct boot_params *params, const struct placement *kernel,
	struct machine_error *error)
{
	uint64_t top = source->ram_bytes;
	struct boot_file file;
	uint64_t start;
	int err;

	if (!source->initrd)
		return 0;
	err = boot_file_map(&file, source->initrd);
	if (err < 0)
		return say(error, source->initrd, strerror(-err), err);
	if (top > (uint64_t)params->hdr.initrd_addr_max + 1)
		top = (uint64_t)params->hdr.initrd_addr_max + 1;
	err = -ENOMEM;
	if (file.size <= top && top - file.size >= kernel->end + PAGE) {
		start = (top - file.size) & ~(PAGE - 1);
		params->hdr.ramdisk_image = (uint32_t)start;
		params->hdr.ramdisk_size = (uint32_t)file.size;
		if (guestmem_write(mem, (gpa_t){start}, file.data, file.size) ==
			0)
			err = 0;
	}
	boot_file_unmap(&file);
	if (err < 0)
		return say(error, source->initrd,
			"does not fit into the domain's RAM behind the kernel",
			err);
	return 0;
}

static int write_cmdline(struct guestmem *mem,
	const struct linux_source *source, struct boot_params *params,
	struct machine_error *error)
{
	const char *text = source->cmdline ? source->cmdline : "";
	size_t len = strlen(text);

	if (len >= LINUX_CMDLINE_MAX ||
		(params->hdr.cmdline_size && len > params->hdr.cmdline_size))
		return say(error, source->kernel,
			"the command line is too long for it", -E2BIG);
	params->hdr.cmd_line_ptr = CMDLINE_GPA;
	if (guestmem_write(mem, (gpa_t){CMDLINE_GPA}, text, len + 1) < 0)
		return say(error, source->kernel, "no RAM", -ENOMEM);
	return 0;
}

static void add_range(struct boot_params *params, uint64_t start, uint64_t end)
{
	struct boot_e820_entry *e = &params->e820_table[params->e820_entries++];

	e->addr = start;
	e->size = end - start;
	e->type = 1; /* RAM */
}

static void fill_params(struct boot_params *params, uint64_t ram_bytes)
{
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.loadflags |= LOADED_HIGH;
	params->hdr.vid_mode = 0xffff; /* normal */
	add_range(params, 0, LOW_END);
	add_range(params, HIGH_START, ram_bytes);
}

/* One page each of PML4 and PDPT, and a page directory for each GiB. */
static int write_tables(struct guestmem *mem)
{
	uint64_t table[PAGE_ENTRIES] = {0};
	uint64_t at = TABLES_GPA;
	int err = 0;

	table[0] = (at + PAGE) | PTE_PRESENT_WRITE;
	err |= guestmem_write(mem, (gpa_t){at}, table, sizeof(table));
	for (unsigned g = 0; g < GIB_MAPPED; g++)
		table[g] = (at + (2 + g) * PAGE) | PTE_PRESENT_WRITE;
	err |= guestmem_write(mem, (gpa_t){at + PAGE}, table, sizeof(table));
	for (unsigned g = 0; g < GIB_MAPPED; g++) {
		for (uint64_t i = 0; i < PAGE_ENTRIES; i++)
			table[i] = (g * PAGE_ENTRIES + i) << 21 | PDE_2M |
				   PTE_PRESENT_WRITE;
		err |= guestmem_write(mem, (gpa_t){at + (2 + g) * PAGE}, table,
			sizeof(table));
	}
	return err;
}

static int write_low(struct guestmem *mem, const struct boot_params *params)
{
	static const uint64_t gdt[] = {
		0, 0, UINT64_C(0x00af9b000000ffff), /* BOOT_CS: 64-bit code */
		UINT64_C(0x00cf93000000ffff),	    /* BOOT_DS: data */
	};
	int err = write_tables(mem);

	err |= guestmem_write(mem, (gpa_t){GDT_GPA}, gdt, sizeof(gdt));
	err |= guestmem_write(
		mem, (gpa_t){PARAMS_GPA}, params, sizeof(*params));
	return err ? -ENOMEM : 0;
}

static void set_registers(
	uint64_t entry, struct kvm_regs *regs, struct kvm_sregs *sregs)
{
	struct kvm_segment code = {
		.limit = 0xffffffff,
		.selector = BOOT_CS,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff,
		.selector = BOOT_DS,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
	};

	*regs = (struct kvm_regs){
		.rip = entry,
		.rsi = PARAMS_GPA,
		.rsp = PARAMS_GPA, /* room below, should it push early */
		.rflags = RFLAGS_RESERVED,
	};
	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->gdt.base = GDT_GPA;
	sregs->gdt.limit = 4 * 8 - 1;
	sregs->idt.limit = 0;
	sregs->cr0 = CR0_PE | CR0_ET | CR0_PG;
	sregs->cr3 = TABLES_GPA;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
}

int linux_load(struct guestmem *mem, const struct linux_source *source,
	struct kvm_regs *regs, struct kvm_sregs *sregs,
	struct machine_error *error)
{
	struct boot_params params;
	struct placement at;
	int err;

	memset(&params, 0, sizeof(params));
	if (source->ram_bytes < LINUX_RAM_MIN ||
		source->ram_bytes > LINUX_RAM_MAX)
		return say(error, source->kernel,
			"a Linux domain has between 32 MiB and 3 GiB of RAM",
			-ENOMEM);
	err = load_kernel(mem, source, &params, &at, error);
	if (err < 0)
		return err;
	err = load_initrd(mem, source, &params, &at, error);
	if (err < 0)
		return err;
	err = write_cmdline(mem, source, &params, error);
	if (err < 0)
		return err;
	fill_params(&params, source->ram_bytes);
	err = write_low(mem, &params);
	if (err < 0)
		return say(error, source->kernel, "no RAM", err);
	set_registers(at.entry, regs, sregs);
	return 0;
}
