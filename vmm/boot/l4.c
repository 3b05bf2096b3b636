/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical layout of a starting L4 domain, upwards: the kernel where its
 * program headers say, the modules, boot information, boot page tables, free
 * memory.  Root task and sigma0 of the X.2 world are linked at 15 and 16 MiB,
 * and the kernel moves them there: modules that would reach that far lie
 * behind them.
 */
#include "vmm/boot/l4.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "vmm/boot/elf.h"
#include "vmm/boot/file.h"

#define PAGE UINT64_C(4096)
#define ROOT_IMAGES_START UINT64_C(0x00f00000)
#define ROOT_IMAGES_END UINT64_C(0x02000000)

#define PTE_PRESENT_WRITE UINT64_C(3)
#define PDE_2M UINT64_C(0x80)
#define BOOT_TABLES 4

static uint64_t page_up(uint64_t x)
{
	return (x + PAGE - 1) & ~(PAGE - 1);
}

static int fail(struct machine_error *error, const char *path, const char *why)
{
	snprintf(error->text, sizeof(error->text), "%s: %s", path, why);
	return -1;
}

static int load_kernel(struct domain *d, const char *path,
	struct elf_image *image, struct machine_error *error)
{
	struct boot_file f;
	int err = boot_file_map(&f, path);

	if (err)
		return fail(error, path, strerror(-err));
	err = elf_load(&d->mem, f.data, f.size, image);
	boot_file_unmap(&f);
	if (err == -EFAULT)
		return fail(error, path, "does not fit into the domain's RAM");
	if (err)
		return fail(error, path,
			"no static x86-64 ELF executable; an L4 guest kernel "
			"is");
	return 0;
}

static int load_module(struct domain *d, const char *path, uint64_t *at,
	struct boot_module *m, struct machine_error *error)
{
	struct boot_file f;
	int err = boot_file_map(&f, path);

	if (err)
		return fail(error, path, strerror(-err));
	*m = (struct boot_module){.start = *at, .size = f.size};
	err = guestmem_write(&d->mem, (gpa_t){*at}, f.data, f.size);
	boot_file_unmap(&f);
	if (err)
		return fail(error, path, "does not fit into the domain's RAM");
	*at = page_up(*at + m->size);
	return 0;
}

/* What all modules take, to see where they fit. */
static int modules_size(const struct launch *launch,
	const struct launch_domain *conf, uint64_t *size,
	struct machine_error *error)
{
	*size = 0;
	for (uint32_t i = 0; i < conf->nr_modules; i++) {
		const struct launch_module *m =
			&launch->module[conf->first_module + i];
		const char *path = launch_string(launch, m->file);
		struct boot_file f;
		int err = boot_file_map(&f, path);

		if (err)
			return fail(error, path, strerror(-err));
		*size += page_up(f.size);
		boot_file_unmap(&f);
	}
	return 0;
}

static int load_modules(struct domain *d, const struct launch *launch,
	uint64_t *at, struct machine_error *error)
{
	const struct launch_domain *conf = d->conf;
	uint64_t size;

	if (modules_size(launch, conf, &size, error))
		return -1;
	if (*at + size + PAGE * (BOOT_TABLES + 4) > ROOT_IMAGES_START)
		*at = ROOT_IMAGES_END;
	d->boot.nr_modules = conf->nr_modules;
	for (uint32_t i = 0; i < conf->nr_modules; i++) {
		const struct launch_module *lm =
			&launch->module[conf->first_module + i];
		struct boot_module *m = &d->boot.module[i];

		if (load_module(
			    d, launch_string(launch, lm->file), at, m, error))
			return -1;
		snprintf(m->name, sizeof(m->name), "%s",
			launch_string(launch, lm->name));
		snprintf(m->args, sizeof(m->args), "%s",
			launch_string(launch, lm->args));
	}
	return 0;
}

/* The first GiB at its own address and at BOOT_KERNEL_BASE. */
static int write_tables(struct domain *d, uint64_t at)
{
	uint64_t table[BOOT_TABLES][PAGE / 8];

	memset(table, 0, sizeof(table));
	table[0][0] = (at + 1 * PAGE) | PTE_PRESENT_WRITE;
	table[0][511] = (at + 2 * PAGE) | PTE_PRESENT_WRITE;
	table[1][0] = (at + 3 * PAGE) | PTE_PRESENT_WRITE;
	table[2][510] = (at + 3 * PAGE) | PTE_PRESENT_WRITE;
	for (uint64_t i = 0; i < PAGE / 8; i++)
		table[3][i] = i << 21 | PDE_2M | PTE_PRESENT_WRITE;
	return guestmem_write(&d->mem, (gpa_t){at}, table, sizeof(table));
}

static void fill_boot_info(struct domain *d, uint64_t free_start)
{
	struct boot_info *b = &d->boot;

	b->magic = BOOT_MAGIC;
	b->version = BOOT_ABI_VERSION;
	b->size = sizeof(*b);
	b->ram_size = d->conf->ram_bytes;
	b->free_start = free_start;
	b->tsc_khz = clock_tsc_khz();
	b->domain_index = d->index;
	if (getrandom(b->seed, sizeof(b->seed), 0) < 0)
		memset(b->seed, 0, sizeof(b->seed));
	snprintf(b->name, sizeof(b->name), "%s", d->name);
}

static int set_registers(
	struct domain *d, uint64_t entry, uint64_t info, uint64_t cr3)
{
	struct kvm_regs regs = {.rip = entry, .rdi = info, .rflags = 2};
	struct kvm_sregs sregs;
	int err = vcpu_long_mode(&d->vcpu, cr3, &sregs);

	return err ? err : vcpu_set_regs(&d->vcpu, &regs, &sregs);
}

int boot_l4(struct domain *d, const struct launch *launch,
	struct machine_error *error)
{
	const char *kernel = launch_string(launch, d->conf->kernel);
	struct elf_image image;
	uint64_t at;
	uint64_t info;
	uint64_t tables;

	if (load_kernel(d, kernel, &image, error))
		return -1;
	at = page_up(image.end);
	if (load_modules(d, launch, &at, error))
		return -1;
	info = at;
	tables = page_up(info + sizeof(d->boot));
	fill_boot_info(d, tables + BOOT_TABLES * PAGE);
	if (write_tables(d, tables) || guestmem_write(&d->mem, (gpa_t){info},
					       &d->boot, sizeof(d->boot)))
		return fail(error, kernel, "no room in RAM behind the modules");
	if (set_registers(d, image.entry, info, tables))
		return fail(error, kernel, "the host refused its registers");
	return 0;
}
