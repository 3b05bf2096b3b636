/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting an L4 domain: what lies where, what the kernel interface page says
 * of it, and what is refused.
 */
/* link: vmm/boot/l4.c vmm/boot/prepare.c vmm/boot/kip.c vmm/boot/bootinfo.c vmm/boot/elf.c vmm/boot/file.c */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"
#include "vmm/boot/bootinfo.h"
#include "vmm/boot/l4.h"
#include "vmm/clock.h"
#include "vmm/system.h"

#define RAM UINT64_C(0x2000000) /* 32 MiB */
#define KERNEL_AT UINT64_C(0x200000)
#define SIGMA0_AT UINT64_C(0xf00000)
#define ROOT_AT UINT64_C(0x1000000)
#define ENTRY_OFFSET 0x10
#define IMAGE_SIZE UINT64_C(0x2345)
#define MAGIC \
	(BOOT_KERNEL_MAGIC | BOOT_ABI_VERSION << BOOT_KERNEL_VERSION_SHIFT)
#define BIG_IMAGE_SIZE UINT64_C(0x20000) /* with room for tables */
#define PATH_SIZE 32
#define MIB UINT64_C(0x100000)

static uint8_t memory[RAM];
static struct kvm_regs registers;

/* Strings of the launch record, by offset. */
enum { FILE_KERNEL = 1, FILE_SIGMA0 = 65, FILE_ROOT = 129, FILE_OTHER = 193 };
enum { NAME_ROOT = 256, NAME_OTHER = 264, ARGS_OTHER = 272 };
static char strings[320];
static const struct launch_module modules[] = {{.file = FILE_SIGMA0},
	{.file = FILE_ROOT, .name = NAME_ROOT},
	{.file = FILE_OTHER, .name = NAME_OTHER, .args = ARGS_OTHER}};
static const struct launch launch = {.module = modules, .strings = strings};
static struct launch_domain conf;
static struct domain domain;
static struct system host;
static struct kvm_sregs special;
static struct machine_error error;
static struct control_page control;
static struct boot_kernel asks; /* what the kernel's image begins with */
static struct vcpu_msr msrs[VCPU_MSRS_MAX];
static unsigned nr_msrs;

void points_find(struct guest_points *p, const void *file, size_t size)
{
	p->wanted = file && size;
}

static bool inside(gpa_t gpa, size_t len)
{
	return gpa.addr <= conf.ram_bytes && len <= conf.ram_bytes - gpa.addr;
}

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	(void)gm;
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(dst, memory + gpa.addr, len);
	return 0;
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	(void)gm;
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(memory + gpa.addr, src, len);
	return 0;
}

int vcpu_long_mode(struct vcpu *v, uint64_t cr3, struct kvm_sregs *sregs)
{
	(void)v;
	*sregs = (struct kvm_sregs){.cr3 = cr3};
	return 0;
}

int vcpu_set_regs(struct vcpu *v, const struct kvm_regs *regs,
	const struct kvm_sregs *sregs)
{
	(void)v;
	registers = *regs;
	special = *sregs;
	return 0;
}

int vcpu_set_msrs(struct vcpu *v, const struct vcpu_msr *msr, unsigned n)
{
	(void)v;
	memcpy(msrs, msr, n * sizeof(*msr));
	nr_msrs = n;
	return 0;
}

uint64_t clock_tsc_khz(void)
{
	return 1234567;
}

static void make_file(uint32_t string, const void *bytes, size_t size)
{
	char *path = strings + string;
	int fd;

	strcpy(path, "/tmp/l4_boot_test.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		exit(1);
	close(fd);
}

/* A program of one segment, twice as large in memory as in the file. */
static void make_program(uint32_t string, uint64_t at)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr segment;
		char bytes[64];
	} file = {
		.head = {.e_ident = ELFMAG,
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_entry = at + ENTRY_OFFSET,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1},
		.segment = {.p_type = PT_LOAD,
			.p_offset = offsetof(__typeof__(file), bytes),
			.p_paddr = at,
			.p_filesz = sizeof(file.bytes),
			.p_memsz = asks.magic && at == KERNEL_AT
					   ? BIG_IMAGE_SIZE
					   : IMAGE_SIZE},
	};

	file.head.e_ident[EI_CLASS] = ELFCLASS64;
	file.head.e_ident[EI_DATA] = ELFDATA2LSB;
	memset(file.bytes, (int)(at >> 20), sizeof(file.bytes));
	if (at == KERNEL_AT && asks.magic)
		memcpy(file.bytes, &asks, sizeof(asks));
	make_file(string, &file, sizeof(file));
}

static void make_usual(void)
{
	make_program(FILE_KERNEL, KERNEL_AT);
	make_program(FILE_SIGMA0, SIGMA0_AT);
	make_program(FILE_ROOT, ROOT_AT);
	make_file(FILE_OTHER, "module", 6);
	strcpy(strings + NAME_ROOT, "root");
	strcpy(strings + NAME_OTHER, "other");
	strcpy(strings + ARGS_OTHER, "with arguments");
	conf = (struct launch_domain){
		.kernel = FILE_KERNEL, .nr_modules = 3, .ram_bytes = RAM};
}

static void replace(uint32_t string, uint64_t at)
{
	unlink(strings + string);
	make_program(string, at);
}

/* Leaf 1's %ecx and leaf 7's %ebx. */
static void set_cpuid(uint32_t ecx_1, uint32_t ebx_7)
{
	static _Alignas(8) uint8_t space[sizeof(struct kvm_cpuid2) +
					 2 * sizeof(struct kvm_cpuid_entry2)];

	host.kvm.cpuid = (void *)space;
	host.kvm.cpuid->nent = 2;
	host.kvm.cpuid->entries[0] =
		(struct kvm_cpuid_entry2){.function = 1, .ecx = ecx_1};
	host.kvm.cpuid->entries[1] =
		(struct kvm_cpuid_entry2){.function = 7, .ebx = ebx_7};
}

static int boot(void)
{
	int err;

	memset(memory, 0, sizeof(memory));
	domain.conf = &conf;
	domain.name = "l4";
	domain.system = &host;
	domain.control = &control;
	nr_msrs = 0;
	if (!host.kvm.cpuid)
		set_cpuid(0, 0);
	error.text[0] = '\0';
	err = boot_l4(&domain, &launch, &error);
	for (uint32_t s = FILE_KERNEL; s <= FILE_OTHER; s += 64)
		unlink(strings + s);
	return err;
}

static bool refused(const char *why)
{
	return boot() != 0 && strstr(error.text, why);
}

TEST(programs_lie_where_their_headers_say)
{
	make_usual();
	CHECK_EQ(boot(), 0);
	CHECK_EQ(memory[KERNEL_AT], KERNEL_AT >> 20);
	CHECK_EQ(memory[SIGMA0_AT], SIGMA0_AT >> 20);
	CHECK_EQ(memory[ROOT_AT], ROOT_AT >> 20);
	CHECK_EQ(registers.rip, KERNEL_AT + ENTRY_OFFSET);
	CHECK_EQ(domain.boot.module[1].start, ROOT_AT);
	CHECK_EQ(domain.boot.module[1].size, IMAGE_SIZE);
}

TEST(other_modules_lie_behind_the_kernel)
{
	uint64_t at = (KERNEL_AT + IMAGE_SIZE + 4095) & ~UINT64_C(4095);

	make_usual();
	CHECK_EQ(boot(), 0);
	CHECK_EQ(domain.boot.module[2].start, at);
	CHECK(!memcmp(memory + at, "module", 6));
	CHECK_EQ(registers.rdi, at + 4096);
	CHECK_EQ(domain.boot.kip, at + 4096 + 8192 + BOOTINFO_SIZE);
}

TEST(modules_without_room_there_lie_behind_all_programs)
{
	make_usual();
	replace(FILE_SIGMA0, KERNEL_AT + 0x8000);
	CHECK_EQ(boot(), 0);
	CHECK_EQ(domain.boot.module[2].start,
		(ROOT_AT + IMAGE_SIZE + 4095) & ~UINT64_C(4095));
}

TEST(the_page_says_what_was_loaded)
{
	const union kip_page *page;
	uint32_t n;

	make_usual();
	CHECK_EQ(boot(), 0);
	page = (const void *)(memory + domain.boot.kip);
	n = KIP_MEMORY_COUNT(page->kip.memory_info);
	CHECK_EQ(page->kip.sigma0.ip, SIGMA0_AT + ENTRY_OFFSET);
	CHECK_EQ(page->kip.root.low, ROOT_AT);
	CHECK_EQ(page->kip.root.high, ROOT_AT + IMAGE_SIZE);
	CHECK_EQ(page->kip.boot_info, registers.rdi + 8192);
	CHECK_EQ(page->processor.internal_khz, clock_tsc_khz());
	CHECK_EQ(page->kip.magic, KIP_MAGIC);
	CHECK_EQ(page->kip.space_control, BOOT_STUBS);
	CHECK_EQ(page->kip.schedule, BOOT_STUBS + 10 * BOOT_STUB_SIZE);
	CHECK_EQ(page->kernel.id, KIP_KERNEL_ID);
	CHECK_EQ(page->version[strlen(page->version) + 1], 0);
	CHECK_EQ(n, 10);
	CHECK_EQ(page->memory[4].low, domain.boot.pool_start | 2);
	CHECK_EQ(page->memory[n - 1].high, (KIP_USER_END - 1) & ~0x3ffull);
	CHECK_EQ(page->memory[n].low | page->memory[n].high, 0);
}

/* The servers as programs, a module as a file, and the way to all the rest. */
TEST(the_generic_boot_information_lists_what_was_loaded)
{
	const union kip_page *page;
	const struct bootinfo *info;
	const struct bootinfo_record *r;
	const struct bootinfo_module *module;
	const struct bootinfo_exec *exec;

	make_usual();
	CHECK_EQ(boot(), 0);
	page = (const void *)(memory + domain.boot.kip);
	info = (const void *)(memory + page->kip.boot_info);
	CHECK_EQ(info->magic, BOOTINFO_MAGIC);
	CHECK_EQ(info->version, 1);
	CHECK_EQ(info->nr_entries, 4);
	r = bootinfo_next(bootinfo_first(info));
	exec = (const void *)r;
	CHECK_EQ(r->type, BOOTINFO_EXEC);
	CHECK_EQ(exec->text.pstart, ROOT_AT);
	CHECK_EQ(exec->text.size, IMAGE_SIZE);
	CHECK_EQ(exec->initial_ip, ROOT_AT + ENTRY_OFFSET);
	CHECK_STR((const char *)exec + exec->cmdline_offset, "root");
	r = bootinfo_next(r);
	module = (const void *)r;
	CHECK_EQ(r->type, BOOTINFO_MODULE);
	CHECK_EQ(module->start, domain.boot.module[2].start);
	CHECK_EQ(module->size, 6);
	CHECK_STR((const char *)module + module->cmdline_offset,
		"other with arguments");
	r = bootinfo_next(r);
	CHECK_EQ(r->type, BOOTINFO_HYPERHURD);
	CHECK_EQ(((const struct bootinfo_address *)r)->address, registers.rdi);
	CHECK_EQ(
		(uint64_t)((const char *)bootinfo_next(r) - (const char *)info),
		info->size);
}

TEST(the_pool_is_the_top_of_ram)
{
	make_usual();
	CHECK_EQ(boot(), 0);
	CHECK_EQ(domain.boot.pool_start, RAM - RAM / 16);
	CHECK_EQ(domain.boot.pool_end, RAM);
}

TEST(programs_must_not_overlap)
{
	make_usual();
	replace(FILE_SIGMA0, KERNEL_AT + IMAGE_SIZE - 1);
	CHECK(refused("lies where the kernel or sigma0 does"));
	make_usual();
	replace(FILE_ROOT, SIGMA0_AT - IMAGE_SIZE + 1);
	CHECK(refused("lies where the kernel or sigma0 does"));
	make_usual();
	replace(FILE_ROOT, SIGMA0_AT - IMAGE_SIZE);
	CHECK_EQ(boot(), 0);
}

TEST(a_program_that_is_none_is_refused)
{
	make_usual();
	unlink(strings + FILE_ROOT);
	make_file(FILE_ROOT, "#!/bin/sh", 9);
	CHECK(refused("no static x86-64 ELF executable"));
	CHECK(strstr(error.text, strings + FILE_ROOT));
}

TEST(a_program_outside_of_ram_is_refused)
{
	make_usual();
	replace(FILE_ROOT, RAM - IMAGE_SIZE + 1);
	CHECK(refused("does not fit into the domain's RAM"));
}

TEST(a_program_in_the_pool_is_refused)
{
	make_usual();
	replace(FILE_ROOT, RAM - IMAGE_SIZE);
	CHECK(refused("RAM is too small"));
	make_usual();
	conf.ram_bytes = ROOT_AT + 2 * MIB;
	CHECK(refused("RAM is too small"));
	make_usual();
	conf.ram_bytes = ROOT_AT + 4 * MIB;
	CHECK_EQ(boot(), 0);
}

TEST(the_processor_has_what_the_cpu_can)
{
	make_usual();
	set_cpuid(0, 0);
	CHECK_EQ(boot(), 0);
	CHECK_EQ(special.cr4, 0x680);
	CHECK_EQ(special.cr0, 0x8);
	CHECK_EQ(special.efer, 0x1);
	make_usual();
	set_cpuid(1u << 17, 1u << 7);
	CHECK_EQ(boot(), 0);
	CHECK_EQ(special.cr4, 0x120680);
}

static void make_asking(uint32_t magic, uint32_t tables, uint32_t stubs)
{
	asks = (struct boot_kernel){.magic = magic,
		.tables = tables,
		.stubs = stubs,
		.newest_thread = 0x200123,
		.syscall = 0x200100,
		.trap = 0x212340,
		.page_fault = 0x200200,
		.event = 0x200300,
		.legacy_syscall = 0x200400};
	make_usual();
	asks.magic = 0;
}

TEST(a_kernel_that_asks_for_nothing_gets_no_tables)
{
	make_usual();
	CHECK_EQ(boot(), 0);
	CHECK_EQ(nr_msrs, 0);
	CHECK_EQ(special.idt.limit, 0);
	CHECK_EQ(special.cr3, domain.boot.kip + 4096);
}

/* What @virt is translated to by the tables in use; 0: nothing. */
static uint64_t translate(uint64_t virt)
{
	uint64_t entry = special.cr3 | 1;

	for (int log2 = 39; log2 >= 12; log2 -= 9) {
		const uint64_t *table =
			(const void *)(memory + (entry & ~0xfffull));

		entry = table[(virt >> log2) % 512];
		if (!(entry & 1))
			return 0;
		if (entry & 0x80)
			return (entry & ~0x1ffull) + virt % 0x200000;
	}
	return entry;
}

TEST(tables_are_where_the_kernel_has_room_for_them)
{
	uint64_t processor = KERNEL_AT + 0x9000;
	const struct boot_processor *p = (const void *)(memory + processor);
	const uint64_t *clock =
		(const void *)(memory + KERNEL_AT + 0x1000 + BOOT_STUBS_CLOCK);

	control.tsc_offset = 5;
	control.us_mult = 6;
	make_asking(MAGIC, KERNEL_AT + 0x2000, KERNEL_AT + 0x1000);
	CHECK_EQ(boot(), 0);
	CHECK_EQ(special.cr3, KERNEL_AT + 0x2000);
	CHECK_EQ(translate(BOOT_KERNEL_BASE + 0x345678), 0x345678);
	CHECK_EQ(translate(BOOT_KERNEL_BASE + RAM), 0);
	CHECK_EQ(translate(0), 0);
	CHECK_EQ(translate(BOOT_STUBS), (KERNEL_AT + 0x1000) | 0x105);
	CHECK_EQ(translate(BOOT_GS), (KERNEL_AT + 0xa000) | 0x105);
	CHECK_EQ(translate(BOOT_CONTROL), CONTROL_GPA | 0x103);
	CHECK_EQ(translate(BOOT_CONTROL + 4096), 0);
	CHECK_EQ(translate(BOOT_THREADS), (KERNEL_AT + 0x8000) | 0x101);
	CHECK_EQ(translate(BOOT_THREADS + BOOT_THREADS_SIZE - 1),
		(KERNEL_AT + 0x8000) | 0x101);
	CHECK_EQ(translate(BOOT_THREAD_ENTRIES), (KERNEL_AT + 0x7000) | 0x101);
	CHECK_EQ(translate(BOOT_THREAD_ENTRIES + 64 * 4096 - 1),
		(KERNEL_AT + 0x7000) | 0x101);
	CHECK_EQ(special.idt.base, BOOT_KERNEL_BASE + processor + 320);
	CHECK_EQ(special.idt.limit, 33 * 16 - 1);
	CHECK_EQ(special.gdt.base, BOOT_KERNEL_BASE + processor + 256);
	CHECK_EQ(p->gdt[6], UINT64_C(0x80008920900000e8));
	CHECK_EQ(p->gdt[7], UINT64_C(0xffffffff));
	CHECK_EQ(special.gs.base, BOOT_GS);
	CHECK_EQ(p->tss.ist[0], BOOT_KERNEL_BASE + processor + 4096);
	CHECK_EQ(p->tss.io_map[0x3f8 / 8], 0);
	CHECK_EQ(p->tss.io_map[0x3f8 / 8 + 1], 0xff);
	CHECK_EQ(p->idt[3].offset_low, 0x234c);
	CHECK_EQ(p->idt[3].offset_middle, 0x8021);
	CHECK_EQ(p->idt[3].offset_high, 0xffffffff);
	CHECK_EQ(p->idt[3].flags, 0xee00);
	CHECK_EQ(p->idt[8].flags, 0x8e01);
	CHECK_EQ(p->idt[14].offset_low, 0x200);
	CHECK_EQ(p->idt[20].flags, 0);
	CHECK_EQ(p->idt[32].offset_low, 0x300);
	CHECK_EQ(nr_msrs, 4);
	CHECK_EQ(msrs[0].value, UINT64_C(0x001b000800000000));
	CHECK_EQ(msrs[1].value, BOOT_KERNEL_BASE + 0x200100);
	CHECK_EQ(msrs[2].value, BOOT_KERNEL_BASE + 0x200400);
	CHECK_EQ(control.newest_thread, BOOT_KERNEL_BASE + 0x200123);
	CHECK_EQ(control.running_thread, BOOT_KERNEL_BASE + processor + 4);
	CHECK_EQ(clock[0], 5);
	CHECK_EQ(clock[1], 6);
}

TEST(memory_is_sigma0s_but_for_the_kernels_part)
{
	const struct boot_memory *m =
		(const void *)(memory + KERNEL_AT + 0x9000 + 848);
	uint64_t pool, words = 0;

	make_asking(MAGIC, KERNEL_AT + 0x2000, KERNEL_AT + 0x1000);
	domain.boot.window_start = UINT64_C(0x100000000);
	domain.boot.window_size = 2 * MIB;
	CHECK_EQ(boot(), 0);
	pool = domain.boot.pool_start;
	CHECK_EQ(m->region[0].start, 0);
	CHECK_EQ(m->region[0].end, KERNEL_AT);
	CHECK_EQ(m->region[1].start, KERNEL_AT + BIG_IMAGE_SIZE);
	CHECK_EQ(m->region[1].end, pool);
	CHECK_EQ(m->region[2].start, RAM);
	CHECK_EQ(m->region[2].end, RAM);
	CHECK_EQ(m->region[3].start, BOOT_DEVICE_BASE);
	CHECK_EQ(m->region[3].end, BOOT_DEVICE_END);
	CHECK_EQ(m->region[4].end, UINT64_C(0x100200000));
	CHECK_EQ(m->region[5].start, BOOT_MEMORY_END);
	CHECK_EQ(m->region[5].end, BOOT_MEMORY_END);
	CHECK_EQ(m->notes, BOOT_KERNEL_BASE + pool);
	CHECK_EQ(m->pool_end, BOOT_KERNEL_BASE + RAM);
	for (unsigned i = 0; i < BOOT_REGIONS; i++) {
		CHECK(m->region[i].heads >= m->notes + 4096 + words);
		words += (m->region[i].end - m->region[i].start) / 512;
	}
	CHECK(m->pool >= m->region[4].heads + 4096 && m->pool < m->pool_end);
	domain.boot.window_size = 832 * MIB;
	make_asking(MAGIC, KERNEL_AT + 0x2000, KERNEL_AT + 0x1000);
	CHECK_EQ(boot(), 0);
	/* Less than BOOT_POOL_LEAST would be left. */
	domain.boot.window_size = 960 * MIB;
	make_asking(MAGIC, KERNEL_AT + 0x2000, KERNEL_AT + 0x1000);
	CHECK(refused("too small for its kernel"));
	domain.boot.window_start = domain.boot.window_size = 0;
}

TEST(a_kernel_of_another_version_is_refused)
{
	make_asking(BOOT_KERNEL_MAGIC | (BOOT_ABI_VERSION + 1) << 24,
		KERNEL_AT + 0x2000, KERNEL_AT + 0x1000);
	CHECK(refused("another version of the ABI"));
}

TEST(tables_outside_of_the_kernel_are_refused)
{
	uint32_t last = KERNEL_AT + BIG_IMAGE_SIZE - 9 * 4096;

	make_asking(MAGIC, last + 0x1000, KERNEL_AT + 0x1000);
	CHECK(refused("no room for its tables"));
	make_asking(MAGIC, last - 8, KERNEL_AT + 0x1000);
	CHECK(refused("no room for its tables"));
	make_asking(MAGIC, KERNEL_AT - 0x1000, KERNEL_AT + 0x1000);
	CHECK(refused("no room for its tables"));
	make_asking(MAGIC, last, KERNEL_AT + BIG_IMAGE_SIZE);
	CHECK(refused("no room for its tables"));
	make_asking(MAGIC, last, KERNEL_AT + 0x1000);
	CHECK_EQ(boot(), 0);
}

TAP_MAIN(CASE(the_processor_has_what_the_cpu_can),
	CASE(a_kernel_that_asks_for_nothing_gets_no_tables),
	CASE(tables_are_where_the_kernel_has_room_for_them),
	CASE(memory_is_sigma0s_but_for_the_kernels_part),
	CASE(a_kernel_of_another_version_is_refused),
	CASE(tables_outside_of_the_kernel_are_refused),
	CASE(programs_lie_where_their_headers_say),
	CASE(other_modules_lie_behind_the_kernel),
	CASE(modules_without_room_there_lie_behind_all_programs),
	CASE(the_page_says_what_was_loaded),
	CASE(the_generic_boot_information_lists_what_was_loaded),
	CASE(the_pool_is_the_top_of_ram), CASE(programs_must_not_overlap),
	CASE(a_program_that_is_none_is_refused),
	CASE(a_program_outside_of_ram_is_refused),
	CASE(a_program_in_the_pool_is_refused))
