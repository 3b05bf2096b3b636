/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical layout of a starting L4 domain, upwards: the kernel where its
 * program headers say, the modules, boot information, kernel interface page,
 * boot page tables, free memory, and at the top the kernel's pool.  sigma0 and
 * root task are where their program headers say, 15 and 16 MiB in the X.2
 * world: modules that would reach that far lie behind them.
 */
#include "vmm/boot/l4.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "vmm/boot/elf.h"
#include "vmm/boot/file.h"
#include "vmm/boot/bootinfo.h"
#include "vmm/boot/kip.h"
#include "vmm/boot/prepare.h"
#include "vmm/system.h"

#define PAGE UINT64_C(4096)
#define LARGE_PAGE UINT64_C(0x200000)
#define POOL_SHARE 16 /* of RAM */
#define POOL_MIN UINT64_C(0x100000)

/* AMD64 Architecture Programmer's Manual vol. 2; SDM vol. 3. */
#define CR0_TS 0x00000008u
#define CR4_PGE 0x00000080u
#define CR4_OSFXSR 0x00000200u
#define CR4_OSXMMEXCPT 0x00000400u
#define CR4_PCIDE 0x00020000u
#define CR4_SMEP 0x00100000u
#define EFER_SCE 0x00000001u
#define CPUID_1_ECX_PCID 0x00020000u
#define CPUID_7_EBX_SMEP 0x00000080u

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

/* @points: of the kernel, which may be traced; NULL for other programs */
static int load_program(struct domain *d, const char *path,
	struct elf_image *image, struct guest_points *points,
	struct machine_error *error)
{
	struct boot_file f;
	int err = boot_file_map(&f, path);

	if (err)
		return fail(error, path, strerror(-err));
	err = elf_load(&d->mem, f.data, f.size, image);
	if (!err && points)
		points_find(points, f.data, f.size);
	boot_file_unmap(&f);
	if (err == -EFAULT)
		return fail(error, path, "does not fit into the domain's RAM");
	if (err)
		return fail(error, path,
			"no static x86-64 ELF executable, as kernel, sigma0 "
			"and root task are");
	return 0;
}

static const struct launch_module *module_conf(
	const struct domain *d, const struct launch *launch, uint32_t i)
{
	return &launch->module[d->conf->first_module + i];
}

static const char *module_path(
	const struct domain *d, const struct launch *launch, uint32_t i)
{
	return launch_string(launch, module_conf(d, launch, i)->file);
}

/* Kernel, sigma0 and root task; none may lie where an earlier one does. */
static int load_programs(struct domain *d, const struct launch *launch,
	struct l4_images *images, struct machine_error *error)
{
	for (uint32_t i = 0; i < L4_IMAGES; i++) {
		struct elf_image *image = &images->image[i];
		const char *path =
			i == L4_KERNEL ? launch_string(launch, d->conf->kernel)
				       : module_path(d, launch, i - L4_SIGMA0);

		if (load_program(d, path, image,
			    i == L4_KERNEL ? &d->points : NULL, error))
			return -1;
		for (uint32_t j = 0; j < i; j++)
			if (image->start < images->image[j].end &&
				images->image[j].start < image->end)
				return fail(error, path,
					"lies where the kernel or sigma0 "
					"does; link it elsewhere");
	}
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

/* What the modules from the third on take, to see where they fit. */
static int modules_size(const struct domain *d, const struct launch *launch,
	uint64_t *size, struct machine_error *error)
{
	*size = 0;
	for (uint32_t i = L4_SERVERS; i < d->conf->nr_modules; i++) {
		const char *path = module_path(d, launch, i);
		struct boot_file f;
		int err = boot_file_map(&f, path);

		if (err)
			return fail(error, path, strerror(-err));
		*size += page_up(f.size);
		boot_file_unmap(&f);
	}
	return 0;
}

/* Behind the kernel, or where that is too narrow, behind all programs. */
static uint64_t place_modules(const struct l4_images *images, uint64_t size)
{
	uint64_t at = page_up(images->image[L4_KERNEL].end);
	uint64_t end = 0;
	bool fits = true;

	for (unsigned i = 0; i < L4_IMAGES; i++) {
		const struct elf_image *image = &images->image[i];

		if (image->end > end)
			end = image->end;
		if (i != L4_KERNEL && image->start < at + size &&
			at < image->end)
			fits = false;
	}
	return fits ? at : page_up(end);
}

static int load_modules(struct domain *d, const struct launch *launch,
	const struct l4_images *images, uint64_t *at,
	struct machine_error *error)
{
	uint64_t size;

	if (modules_size(d, launch, &size, error))
		return -1;
	*at = place_modules(images, size + page_up(sizeof(d->boot)) +
					    BOOTINFO_SIZE +
					    PAGE * (1 + BOOT_TABLES));
	d->boot.nr_modules = d->conf->nr_modules;
	for (uint32_t i = 0; i < d->conf->nr_modules; i++) {
		const struct launch_module *conf = module_conf(d, launch, i);
		struct boot_module *m = &d->boot.module[i];

		if (i < L4_SERVERS) {
			const struct elf_image *image =
				&images->image[L4_SIGMA0 + i];

			m->start = image->start;
			m->size = image->end - image->start;
		} else if (load_module(d, module_path(d, launch, i), at, m,
				   error)) {
			return -1;
		}
		snprintf(m->name, sizeof(m->name), "%s",
			launch_string(launch, conf->name));
		snprintf(m->args, sizeof(m->args), "%s",
			launch_string(launch, conf->args));
	}
	return 0;
}

/* The highest RAM that the kernel reaches; what is loaded lies below. */
static int choose_pool(struct domain *d, const struct l4_images *images)
{
	struct boot_info *b = &d->boot;
	uint64_t size = b->ram_size / POOL_SHARE;
	uint64_t low = b->free_start;

	for (unsigned i = 0; i < L4_IMAGES; i++)
		if (images->image[i].end > low)
			low = images->image[i].end;
	if (size < POOL_MIN)
		size = POOL_MIN;
	b->pool_end = b->ram_size < BOOT_IDENTITY_SIZE ? b->ram_size
						       : BOOT_IDENTITY_SIZE;
	b->pool_end &= ~(LARGE_PAGE - 1);
	if (b->pool_end < size)
		return -1;
	b->pool_start = (b->pool_end - size) & ~(LARGE_PAGE - 1);
	return b->pool_start < low ? -1 : 0;
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

/* A leaf of the vCPU's CPUID, its first part; zeroes if there is none. */
static struct kvm_cpuid_entry2 cpuid_leaf(const struct domain *d, uint32_t leaf)
{
	const struct kvm_cpuid2 *cpuid = d->system->kvm.cpuid;

	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == leaf &&
			cpuid->entries[i].index == 0)
			return cpuid->entries[i];
	return (struct kvm_cpuid_entry2){0};
}

static void enable_features(const struct domain *d, struct kvm_sregs *sregs)
{
	sregs->cr0 |= CR0_TS;
	sregs->cr4 |= CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	if (cpuid_leaf(d, 1).ecx & CPUID_1_ECX_PCID)
		sregs->cr4 |= CR4_PCIDE;
	if (cpuid_leaf(d, 7).ebx & CPUID_7_EBX_SMEP)
		sregs->cr4 |= CR4_SMEP;
	sregs->efer |= EFER_SCE;
}

static int set_registers(struct domain *d, const struct elf_image *kernel,
	uint64_t info, uint64_t cr3)
{
	struct kvm_regs regs = {.rip = kernel->entry, .rdi = info, .rflags = 2};
	struct kvm_sregs sregs;
	int err = vcpu_long_mode(&d->vcpu, cr3, &sregs);

	if (err)
		return err;
	enable_features(d, &sregs);
	err = boot_prepare(d, kernel, &sregs);
	return err ? err : vcpu_set_regs(&d->vcpu, &regs, &sregs);
}

static const char *why_not(int err)
{
	switch (err) {
	case -EPROTO:
		return "the kernel is for another version of the ABI";
	case -EFAULT:
		return "the kernel has no room for its tables";
	case -ENOMEM:
		return "the domain's RAM is too small for its kernel";
	default:
		return "the host refused its registers";
	}
}

int boot_l4(struct domain *d, const struct launch *launch,
	struct machine_error *error)
{
	const char *kernel = launch_string(launch, d->conf->kernel);
	struct l4_images images;
	union bootinfo_page generic;
	union kip_page kip;
	uint64_t info, generic_at, tables;
	int err;

	if (load_programs(d, launch, &images, error) ||
		load_modules(d, launch, &images, &info, error))
		return -1;
	generic_at = page_up(info + sizeof(d->boot));
	d->boot.kip = generic_at + BOOTINFO_SIZE;
	tables = d->boot.kip + PAGE;
	fill_boot_info(d, tables + BOOT_TABLES * PAGE);
	if (choose_pool(d, &images))
		return fail(error, kernel,
			"the domain's RAM is too small for what it loads");
	bootinfo_fill(&generic, &d->boot, info, &images);
	kip_fill(&kip, &d->boot, generic_at, &images);
	if (write_tables(d, tables) ||
		guestmem_write(&d->mem, (gpa_t){generic_at}, &generic,
			sizeof(generic)) ||
		guestmem_write(
			&d->mem, (gpa_t){d->boot.kip}, &kip, sizeof(kip)) ||
		guestmem_write(
			&d->mem, (gpa_t){info}, &d->boot, sizeof(d->boot)))
		return fail(error, kernel, "no room in RAM behind the modules");
	err = set_registers(d, &images.image[L4_KERNEL], info, tables);
	return err ? fail(error, kernel, why_not(err)) : 0;
}
