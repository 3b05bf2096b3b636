/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions under trace points: which are known, and what they do.  And
 * where an ELF file says that its symbols are.
 */
/* link: vmm/trace/step.c vmm/boot/elf.c */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/boot/elf.h"
#include "vmm/domain.h"
#include "vmm/gdb/state.h"

#define RAM 8192u
#define KERNEL UINT64_C(0xffffffff80000000)

static uint8_t memory[RAM];
static struct domain domain;
static struct kvm_regs regs;

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	(void)gm;
	if (gpa.addr > RAM - len)
		return -EFAULT;
	memcpy(dst, memory + gpa.addr, len);
	return 0;
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	(void)gm;
	if (gpa.addr > RAM - len)
		return -EFAULT;
	memcpy(memory + gpa.addr, src, len);
	return 0;
}

int gdb_translate(const struct domain *d, uint64_t address, gpa_t *gpa)
{
	(void)d;
	*gpa = (gpa_t){address - KERNEL};
	return address < KERNEL ? -EFAULT : 0;
}

static uint64_t word_at(uint64_t offset)
{
	uint64_t word;

	memcpy(&word, memory + offset, sizeof(word));
	return word;
}

static int perform(const char *code)
{
	struct step step;
	uint8_t bytes[STEP_BYTES];

	memcpy(bytes, code, sizeof(bytes));
	step = step_decode(bytes);
	return step_perform(&domain, &step, &regs);
}

static void set_up(void)
{
	memset(memory, 0, sizeof(memory));
	regs = (struct kvm_regs){
		.rip = KERNEL + 0x100,
		.rsp = KERNEL + 0x1000,
		.rcx = KERNEL + 0x208,
		.rdx = 1,
		.rbp = 0x55,
		.r15 = 0x1515,
	};
}

TEST(push_stores_a_register)
{
	set_up();
	CHECK_EQ(perform("\x55......."), 0);
	CHECK_EQ(word_at(0xff8), 0x55);
	CHECK_EQ(regs.rsp, KERNEL + 0xff8);
	CHECK_EQ(regs.rip, KERNEL + 0x101);
	CHECK_EQ(perform("\x41\x57......"), 0);
	CHECK_EQ(word_at(0xff0), 0x1515);
	CHECK_EQ(regs.rip, KERNEL + 0x103);
}

TEST(push_of_rsp_stores_it_as_it_was)
{
	set_up();
	CHECK_EQ(perform("\x54......."), 0);
	CHECK_EQ(word_at(0xff8), KERNEL + 0x1000);
}

TEST(push_extends_an_immediate)
{
	set_up();
	CHECK_EQ(perform("\x6a\xfe......"), 0);
	CHECK_EQ(word_at(0xff8), UINT64_MAX - 1);
	CHECK_EQ(regs.rip, KERNEL + 0x102);
}

TEST(store_extends_displacement_and_immediate)
{
	set_up();
	CHECK_EQ(perform("\x48\xc7\x41\xf8\xfd\xff\xff\xff"), 0);
	CHECK_EQ(word_at(0x200), UINT64_MAX - 2);
	CHECK_EQ(regs.rip, KERNEL + 0x108);
}

TEST(load_is_relative_to_the_next_instruction)
{
	set_up();
	memset(memory + 0xf7, 0x11, 8);
	CHECK_EQ(perform("\x48\x8b\x15\xf0\xff\xff\xff."), 0);
	CHECK_EQ(regs.rdx, UINT64_C(0x1111111111111111));
	CHECK_EQ(regs.rip, KERNEL + 0x107);
	CHECK_EQ(regs.rcx, KERNEL + 0x208);
}

TEST(memory_that_is_not_there_changes_nothing)
{
	struct kvm_regs before;

	set_up();
	regs.rsp = 0x1000;
	regs.rcx = KERNEL + RAM;
	before = regs;
	CHECK_EQ(perform("\x55......."), -EFAULT);
	CHECK_EQ(perform("\x48\xc7\x41\0\0\0\0\0"), -EFAULT);
	CHECK_EQ(perform("\x48\x8b\x15\0\0\0\x10."), -EFAULT);
	regs.rsp = before.rsp = KERNEL + 0x1004; /* half in another page */
	CHECK_EQ(perform("\x55......."), -EFAULT);
	CHECK_EQ(memcmp(&regs, &before, sizeof(regs)), 0);
}

TEST(other_instructions_are_unknown)
{
	static const char *const code[] = {"\xf4.......", "\xc3.......",
		"\x48\xc7\x04\x24\0\0\0", "\x48\xc7\xc1\0\0\0\0",
		"\x48\x8b\x47\x30....", "\x41\xc3......"};

	set_up();
	for (unsigned i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		CHECK_EQ(perform(code[i]), -EFAULT);
}

/* --- symbols --- */

static struct {
	Elf64_Ehdr header;
	Elf64_Shdr section[2];
	Elf64_Sym symbol[2];
	char names[16];
} file;

static void make_file(void)
{
	memset(&file, 0, sizeof(file));
	memcpy(file.header.e_ident, ELFMAG, SELFMAG);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	file.header.e_ident[EI_DATA] = ELFDATA2LSB;
	file.header.e_type = ET_EXEC;
	file.header.e_machine = EM_X86_64;
	file.header.e_phentsize = sizeof(Elf64_Phdr);
	file.header.e_shentsize = sizeof(Elf64_Shdr);
	file.header.e_shoff = (char *)file.section - (char *)&file;
	file.header.e_shnum = 2;
	file.section[0] = (Elf64_Shdr){
		.sh_type = SHT_SYMTAB,
		.sh_offset = (uint64_t)((char *)file.symbol - (char *)&file),
		.sh_size = sizeof(file.symbol),
		.sh_link = 1,
	};
	file.section[1] = (Elf64_Shdr){
		.sh_type = SHT_STRTAB,
		.sh_offset = (uint64_t)(file.names - (char *)&file),
		.sh_size = 9,
	};
	memcpy(file.names, "one\0two2\0", 9);
	file.symbol[0] = (Elf64_Sym){.st_name = 0, .st_value = 1};
	file.symbol[1] = (Elf64_Sym){.st_name = 4, .st_value = 2};
}

static int symbol(const char *name, uint64_t *value)
{
	return elf_symbol(&file, sizeof(file), name, value);
}

TEST(a_symbol_has_a_value)
{
	uint64_t value = 0;

	make_file();
	CHECK_EQ(symbol("two2", &value), 0);
	CHECK_EQ(value, 2);
	CHECK_EQ(symbol("one", &value), 0);
	CHECK_EQ(value, 1);
	CHECK_EQ(symbol("two", &value), -ENOENT);
	CHECK_EQ(symbol("two22", &value), -ENOENT);
}

TEST(tables_outside_of_the_file_have_no_symbols)
{
	uint64_t value;

	make_file();
	file.symbol[1].st_name = UINT32_MAX;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.section[1].sh_size = UINT64_MAX;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.section[0].sh_offset = UINT64_MAX - 8;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.section[0].sh_link = 7;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.header.e_shoff = UINT64_MAX;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.header.e_shnum = UINT16_MAX;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
	make_file();
	file.section[0].sh_type = SHT_NULL;
	CHECK_EQ(symbol("two2", &value), -ENOENT);
}

static const struct tap_case cases[] = {CASE(push_stores_a_register),
	CASE(push_of_rsp_stores_it_as_it_was), CASE(push_extends_an_immediate),
	CASE(store_extends_displacement_and_immediate),
	CASE(load_is_relative_to_the_next_instruction),
	CASE(memory_that_is_not_there_changes_nothing),
	CASE(other_instructions_are_unknown), CASE(a_symbol_has_a_value),
	CASE(tables_outside_of_the_file_have_no_symbols)};

int main(void)
{
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
