/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading a Linux kernel: what lies where in guest memory, and what is refused.
 */
/* link: vmm/boot/linux.c vmm/boot/linux_cpuid.c vmm/boot/elf.c vmm/boot/file.c */
#include <asm/bootparam.h>
#include <asm/kvm_para.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"
#include "vmm/boot/linux.h"

#define RAM UINT64_C(0x4000000) /* 64 MiB */
#define SETUP_SECTORS 4u
#define PAYLOAD 5000u
#define LOAD 0x1000000u
#define INIT_SIZE 0x200000u
#define PATH_SIZE 64

struct guestmem {
	uint8_t bytes[RAM];
};

static struct guestmem memory;
static char kernel[PATH_SIZE];
static char initrd[PATH_SIZE];

static bool inside(gpa_t gpa, size_t len)
{
	return gpa.addr <= RAM && len <= RAM - gpa.addr;
}

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(dst, gm->bytes + gpa.addr, len);
	return 0;
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(gm->bytes + gpa.addr, src, len);
	return 0;
}

static void make_file(char *path, const void *bytes, size_t len)
{
	int fd;

	strcpy(path, "/tmp/linux_test.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		exit(1);
	close(fd);
}

/* A bzImage that a loader believes in; its payload is full of @fill. */
static void make_kernel(struct setup_header header, uint8_t fill)
{
	static uint8_t image[(SETUP_SECTORS + 1) * 512 + PAYLOAD];

	memset(image, 0, sizeof(image));
	memset(image + (SETUP_SECTORS + 1) * 512, fill, PAYLOAD);
	memcpy(image + offsetof(struct boot_params, hdr), &header,
		sizeof(header));
	make_file(kernel, image, sizeof(image));
}

static struct setup_header good_header(void)
{
	return (struct setup_header){
		.setup_sects = SETUP_SECTORS,
		.boot_flag = 0xaa55,
		.header = 0x53726448,
		.version = 0x020f,
		.xloadflags = XLF_KERNEL_64,
		.initrd_addr_max = 0x7fffffff,
		.cmdline_size = 2047,
		.pref_address = LOAD,
		.init_size = INIT_SIZE,
	};
}

static int load(const char *cmdline, uint64_t ram, struct kvm_regs *regs,
	struct machine_error *error)
{
	struct linux_source source = {
		.kernel = kernel,
		.initrd = initrd[0] ? initrd : NULL,
		.cmdline = cmdline,
		.ram_bytes = ram,
	};
	struct kvm_sregs sregs = {0};
	int err;

	memset(&memory, 0, sizeof(memory));
	error->text[0] = 0;
	err = linux_load(&memory, &source, regs, &sregs, error);
	unlink(kernel);
	if (initrd[0])
		unlink(initrd);
	initrd[0] = 0;
	return err;
}

static const struct boot_params *params_at(const struct kvm_regs *regs)
{
	return (const struct boot_params *)(const void *)(memory.bytes +
							  regs->rsi);
}

TEST(a_bzimage_lies_where_it_wants_and_is_entered_in_64_bit_mode)
{
	struct machine_error error;
	struct kvm_regs regs;

	make_kernel(good_header(), 0x90);
	REQUIRE(load("console=ttyS0", RAM, &regs, &error) == 0);
	CHECK_EQ(regs.rip, LOAD + 0x200);
	CHECK_EQ(memory.bytes[LOAD], 0x90);
	CHECK_EQ(memory.bytes[LOAD + PAYLOAD - 1], 0x90);
	CHECK_EQ(memory.bytes[LOAD + PAYLOAD], 0);
	CHECK_STR((char *)memory.bytes + params_at(&regs)->hdr.cmd_line_ptr,
		"console=ttyS0");
}

TEST(the_memory_map_ends_where_ram_ends)
{
	struct machine_error error;
	struct kvm_regs regs;
	const struct boot_params *p;

	make_kernel(good_header(), 0);
	REQUIRE(load(NULL, RAM, &regs, &error) == 0);
	p = params_at(&regs);
	REQUIRE(p->e820_entries == 2);
	CHECK_EQ(p->e820_table[0].addr, 0);
	CHECK_EQ(p->e820_table[1].addr, 0x100000);
	CHECK_EQ(p->e820_table[1].addr + p->e820_table[1].size, RAM);
}

TEST(the_initrd_lies_at_the_end_of_ram)
{
	static uint8_t bytes[5000];
	struct machine_error error;
	struct kvm_regs regs;
	const struct boot_params *p;

	memset(bytes, 7, sizeof(bytes));
	make_kernel(good_header(), 0);
	make_file(initrd, bytes, sizeof(bytes));
	REQUIRE(load(NULL, RAM, &regs, &error) == 0);
	p = params_at(&regs);
	CHECK_EQ(p->hdr.ramdisk_image, RAM - 8192);
	CHECK_EQ(p->hdr.ramdisk_size, sizeof(bytes));
	CHECK_EQ(memory.bytes[RAM - 8192], 7);
	CHECK_EQ(memory.bytes[RAM - 8192 + 4999], 7);
}

TEST(an_initrd_that_does_not_fit_is_named)
{
	static uint8_t bytes[0x2fff000];
	struct machine_error error;
	struct kvm_regs regs;

	make_kernel(good_header(), 0);
	make_file(initrd, bytes, sizeof(bytes));
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOMEM);
	CHECK(strstr(error.text, "does not fit") != NULL);
}

TEST(a_kernel_that_needs_more_ram_is_named)
{
	struct setup_header header = good_header();
	struct machine_error error;
	struct kvm_regs regs;

	header.init_size = RAM;
	make_kernel(header, 0);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOMEM);
	CHECK(strstr(error.text, kernel) != NULL);
}

TEST(a_kernel_without_a_64_bit_entry_is_refused)
{
	struct setup_header header = good_header();
	struct machine_error error;
	struct kvm_regs regs;

	header.xloadflags = 0;
	make_kernel(header, 0);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOEXEC);
	header = good_header();
	header.version = 0x0206;
	make_kernel(header, 0);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOEXEC);
	header = good_header();
	header.setup_sects = 0xff;
	make_kernel(header, 0);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOEXEC);
}

TEST(a_file_that_is_no_kernel_is_refused)
{
	struct machine_error error;
	struct kvm_regs regs;

	make_file(kernel, "#!/bin/sh\n", 10);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOEXEC);
	CHECK(strstr(error.text, "neither a bzImage") != NULL);
	make_file(kernel, "", 0);
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOEXEC);
	strcpy(kernel, "/tmp/there/is/none");
	CHECK_EQ(load(NULL, RAM, &regs, &error), -ENOENT);
}

TEST(the_last_character_of_a_command_line_and_not_one_more)
{
	static char text[LINUX_CMDLINE_MAX + 1];
	struct machine_error error;
	struct kvm_regs regs;

	memset(text, 'x', LINUX_CMDLINE_MAX);
	make_kernel(good_header(), 0);
	CHECK_EQ(load(text, RAM, &regs, &error), -E2BIG);
	text[LINUX_CMDLINE_MAX - 1] = 0;
	make_kernel(good_header(), 0);
	CHECK_EQ(load(text, RAM, &regs, &error), 0);
}

TEST(too_little_and_too_much_ram_are_refused)
{
	struct machine_error error;
	struct kvm_regs regs;

	make_kernel(good_header(), 0);
	CHECK_EQ(load(NULL, LINUX_RAM_MIN - 1, &regs, &error), -ENOMEM);
	make_kernel(good_header(), 0);
	CHECK_EQ(load(NULL, LINUX_RAM_MAX + 1, &regs, &error), -ENOMEM);
}

static struct kvm_cpuid_entry2 filtered(
	uint32_t function, uint32_t eax, uint32_t ecx, uint32_t edx)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry;
	} in = {.head.nent = 1,
		.entry = {.function = function,
			.eax = eax,
			.ebx = 0xffffffff,
			.ecx = ecx,
			.edx = edx}};
	struct kvm_cpuid2 *out = linux_cpuid(&in.head);
	struct kvm_cpuid_entry2 e = {0};

	if (out && out->nent == 1)
		e = out->entries[0];
	free(out);
	return e;
}

TEST(cpuid_shows_one_cpu_without_apic)
{
	struct kvm_cpuid_entry2 e = filtered(1, 0, 0xffffffff, 0xffffffff);

	CHECK(!(e.edx & 1u << 9));
	CHECK(!(e.ecx & 1u << 21));
	CHECK(!(e.ecx & 1u << 24));
	CHECK(!(e.ecx & 1u << 5));
	CHECK(e.ecx & 1u << 31);
	CHECK_EQ(e.ebx >> 16, 0);
	e = filtered(0x80000001, 0, 0xffffffff, 0xffffffff);
	CHECK(!(e.ecx & 1u << 2));
	CHECK(!(e.edx & 1u << 9));
	CHECK_EQ(filtered(0xb, 1, 1, 1).edx, 0);
}

TEST(of_kvm_only_the_clock_is_shown)
{
	struct kvm_cpuid_entry2 e =
		filtered(KVM_CPUID_FEATURES, 0xffffffff, 0, 0xffffffff);

	CHECK(e.eax & 1u << KVM_FEATURE_CLOCKSOURCE2);
	CHECK(e.eax & 1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT);
	CHECK(!(e.eax & 1u << KVM_FEATURE_ASYNC_PF));
	CHECK(!(e.eax & 1u << KVM_FEATURE_PV_EOI));
	CHECK(!(e.eax & 1u << KVM_FEATURE_STEAL_TIME));
	CHECK_EQ(e.edx, 0);
}

TAP_MAIN(CASE(a_bzimage_lies_where_it_wants_and_is_entered_in_64_bit_mode),
	CASE(the_memory_map_ends_where_ram_ends),
	CASE(the_initrd_lies_at_the_end_of_ram),
	CASE(an_initrd_that_does_not_fit_is_named),
	CASE(a_kernel_that_needs_more_ram_is_named),
	CASE(a_kernel_without_a_64_bit_entry_is_refused),
	CASE(a_file_that_is_no_kernel_is_refused),
	CASE(the_last_character_of_a_command_line_and_not_one_more),
	CASE(too_little_and_too_much_ram_are_refused),
	CASE(cpuid_shows_one_cpu_without_apic),
	CASE(of_kvm_only_the_clock_is_shown))
