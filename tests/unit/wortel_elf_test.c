/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wortel's reading of program files.
 */
/* link: servers/wortel/elf.c */
#include <stdlib.h>
#include <string.h>

#include "guestkernel/abi/fpage.h"
#include "servers/wortel/elf.h"
#include "tests/tap.h"

#define FILE_SIZE 0x3000
#define TEXT 0x400000
#define DATA 0x402000

static unsigned char file[FILE_SIZE];
static struct elf_image image;

static void put(size_t at, uint64_t value, size_t size)
{
	memcpy(file + at, &value, size);
}

static void put_segment(unsigned i, uint32_t flags, uint64_t offset,
	uint64_t address, uint64_t filesz, uint64_t memsz)
{
	size_t at = 64 + i * 56;

	put(at, 1, 4);
	put(at + 4, flags, 4);
	put(at + 8, offset, 8);
	put(at + 16, address, 8);
	put(at + 24, address, 8);
	put(at + 32, filesz, 8);
	put(at + 40, memsz, 8);
}

/* One page of text, one of data with 0x800 bytes in the file, then zeros. */
static void make_file(void)
{
	memset(file, 0xcc, sizeof(file));
	memset(file, 0, 0x1000);
	memcpy(file, "\177ELF\2\1\1", 7);
	put(16, 2, 2);
	put(18, 62, 2);
	put(24, TEXT + 0x10, 8);
	put(32, 64, 8);
	put(54, 56, 2);
	put(56, 2, 2);
	put_segment(0, 5, 0x1000, TEXT, 0x1000, 0x1000);
	put_segment(1, 6, 0x2000, DATA, 0x800, 0x2800);
}

static const char *read_file(void)
{
	return elf_read(file, sizeof(file), &image);
}

TEST(segments_are_found)
{
	make_file();
	CHECK(read_file() == NULL);
	CHECK_EQ(image.entry, TEXT + 0x10);
	CHECK_EQ(image.nr_segments, 2);
	CHECK_EQ(image.segment[0].rights, FPAGE_R | FPAGE_X);
	CHECK_EQ(image.segment[1].rights, FPAGE_R | FPAGE_W);
	CHECK_EQ(image.segment[1].memory_size, 0x2800);
}

TEST(pages_hold_the_file_and_then_zeros)
{
	unsigned char page[4096];

	make_file();
	CHECK(read_file() == NULL);
	memset(page, 0, sizeof(page));
	CHECK_EQ(elf_page(&image, file, TEXT, page), FPAGE_R | FPAGE_X);
	CHECK(page[0] == 0xcc && page[4095] == 0xcc);
	memset(page, 0, sizeof(page));
	CHECK_EQ(elf_page(&image, file, DATA, page), FPAGE_R | FPAGE_W);
	CHECK(page[0x7ff] == 0xcc && page[0x800] == 0);
	memset(page, 0, sizeof(page));
	CHECK_EQ(
		elf_page(&image, file, DATA + 0x2000, page), FPAGE_R | FPAGE_W);
	CHECK(page[0] == 0);
	CHECK_EQ(elf_page(&image, file, DATA + 0x3000, page), 0);
	CHECK_EQ(elf_page(&image, file, TEXT - 0x1000, page), 0);
}

TEST(two_segments_may_share_a_page)
{
	unsigned char page[4096];

	make_file();
	put_segment(0, 5, 0x1000, TEXT, 0x200, 0x200);
	put_segment(1, 6, 0x2400, TEXT + 0x400, 0x200, 0x400);
	CHECK(read_file() == NULL);
	memset(page, 0, sizeof(page));
	CHECK_EQ(elf_page(&image, file, TEXT, page), FPAGE_RIGHTS);
	CHECK(page[0x1ff] == 0xcc && page[0x200] == 0);
	CHECK(page[0x400] == 0xcc && page[0x5ff] == 0xcc && page[0x600] == 0);
}

TEST(what_is_no_program_is_refused)
{
	make_file();
	CHECK(elf_read(file, 63, &image) != NULL);
	file[4] = 1; /* 32 bit */
	CHECK(read_file() != NULL);
	make_file();
	put(16, 3, 2); /* position independent */
	CHECK(read_file() != NULL);
	make_file();
	put(32, UINT64_MAX - 8, 8); /* program headers */
	CHECK(read_file() != NULL);
	make_file();
	put(56, 0xffff, 2);
	CHECK(read_file() != NULL);
}

TEST(bad_segments_are_refused)
{
	make_file();
	put_segment(1, 6, 0x2000, DATA, 0x1001, 0x1001);
	CHECK(read_file() != NULL);
	put_segment(1, 6, UINT64_MAX - 4, DATA, 8, 8);
	CHECK(read_file() != NULL);
	put_segment(1, 6, 0x2000, DATA, 0x800, 0x7ff);
	CHECK(read_file() != NULL);
	put_segment(1, 6, 0x2000, TEXT + 0x800, 0x800, 0x800);
	CHECK(read_file() != NULL);
	put_segment(1, 6, 0x2000, 0x3ff000, 0x800, 0x800);
	CHECK(read_file() != NULL);
	put_segment(1, 6, 0x2000, DATA, 0x800, UINT64_MAX - DATA);
	CHECK(read_file() != NULL);
	put_segment(1, 6, 0x2000, UINT64_MAX - 0x800, 0x800, 0x1000);
	CHECK(read_file() != NULL);
}

TEST(an_entry_point_outside_of_the_text_is_refused)
{
	make_file();
	put(24, DATA, 8);
	CHECK(read_file() != NULL);
	put(24, TEXT + 0x1000, 8);
	CHECK(read_file() != NULL);
}

TEST(no_change_of_the_headers_leads_astray)
{
	unsigned char page[4096];

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		make_file();
		for (unsigned n = 0; n < 3; n++)
			file[rand() % 176] = (unsigned char)rand();
		if (read_file() != NULL)
			continue;
		for (unsigned i = 0; i < image.nr_segments; i++)
			(void)elf_page(&image, file,
				image.segment[i].address & ~UINT64_C(0xfff),
				page);
	}
	CHECK(true);
}

TAP_MAIN(CASE(segments_are_found), CASE(pages_hold_the_file_and_then_zeros),
	CASE(two_segments_may_share_a_page),
	CASE(what_is_no_program_is_refused), CASE(bad_segments_are_refused),
	CASE(an_entry_point_outside_of_the_text_is_refused),
	CASE(no_change_of_the_headers_leads_astray))
