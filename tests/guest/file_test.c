/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file without copying: a client, a file system and a driver in
 * three domains, on an image of mke2fs.
 *
 * Arguments: fs=NAME store=NAME (portals)
 */
#include <string.h>

#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/file.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/store.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/tap.h"

#define FRAMES 64u
#define FRAME CONTAINER_FRAME_SIZE
#define BIG_SIZE \
	600000u /* what module.mk makes: byte i is 'a' + i / 4096 % 26 */
#define SECTORS (FRAME / STORE_SECTOR)

static struct file_system fs;
static struct file_buffer buffer;

static const char *text(unsigned frame)
{
	return (const char *)(WINDOW_GPA + frame * FRAME);
}

static char *bytes(unsigned frame)
{
	return (char *)(WINDOW_GPA + frame * FRAME);
}

static struct file opened(const char *path, uint64_t flags)
{
	struct file file = {0};

	CHECK_EQ(file_open(&fs, path, flags, &file), FS_OK);
	return file;
}

TEST(a_container_is_shared_with_the_store)
{
	uint64_t ref = 0;

	fs.fs = partner_from_args("fs");
	fs.store = partner_from_args("store");
	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, FRAMES, 0), VMM_OK);
	CHECK_EQ(container_map(ref, 0, FRAMES,
			 CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, WINDOW_GPA,
			 NULL),
		VMM_OK);
	CHECK_EQ(file_share(&fs, ref, &buffer), VMM_OK);
}

TEST(a_small_file_is_read)
{
	struct file file = opened("/dir/hello", 0);
	uint64_t done = 0;

	CHECK_EQ(file.size, 14);
	CHECK_EQ(file_read(&file, 0, FRAME, &buffer, 3, &done), FS_OK);
	CHECK_EQ(done, 14);
	CHECK(memcmp(text(3), "hello, client\n", 14) == 0);
	CHECK_EQ(file_read(&file, FRAME, FRAME, &buffer, 3, &done), FS_OK);
	CHECK_EQ(done, 0);
}

TEST(a_large_file_is_read_in_parts)
{
	struct file file = opened("/big", 0);
	uint64_t done;

	CHECK_EQ(file.size, BIG_SIZE);
	for (uint64_t at = 0; at < BIG_SIZE; at += done) {
		CHECK_EQ(
			file_read(&file, at, FRAMES * FRAME, &buffer, 0, &done),
			FS_OK);
		REQUIRE(done > 0);
		for (uint64_t i = 0; i < done; i += 512)
			CHECK_EQ(
				text(0)[i], 'a' + (int)((at + i) / FRAME % 26));
	}
}

TEST(by_copy_it_is_the_same)
{
	struct file file = opened("/big", 0);
	uint64_t done;

	for (uint64_t at = 0; at < BIG_SIZE; at += done) {
		memset(bytes(0), 0, FRAMES * FRAME);
		CHECK_EQ(file_read_copy(
				 &file, at, FRAMES * FRAME, bytes(0), &done),
			FS_OK);
		REQUIRE(done > 0);
		for (uint64_t i = 0; i < done; i += 512)
			CHECK_EQ(
				text(0)[i], 'a' + (int)((at + i) / FRAME % 26));
	}
	CHECK_EQ(file_read_copy(&file, 1000 * FRAME, FRAME, bytes(0), &done),
		FS_OK);
	CHECK_EQ(done, 0);
	CHECK_EQ(file_read_copy(&file, 1, FRAME, bytes(0), &done), FS_EINVAL);
	CHECK_EQ(file_read_copy(&file, 0, FS_COPY_MAX + FRAME, bytes(0), &done),
		FS_EINVAL);
}

/* An interrupt may come when its request is done already. */
TEST(no_interrupt_is_lost)
{
	struct file file = opened("/big", 0);
	uint64_t done;

	for (unsigned i = 0; i < 100; i++) {
		CHECK_EQ(file_read(&file, 0, 16 * FRAME, &buffer, 0, &done),
			FS_OK);
		CHECK_EQ(done, 16 * FRAME);
	}
}

TEST(a_directory_is_listed)
{
	struct file directory = opened("/dir", 0);
	char name[8 * FS_NAME_WORDS];
	uint64_t position = 0;
	unsigned found = 0;

	while (file_list(&directory, &position, name) == FS_OK)
		found += strcmp(name, "hello") == 0;
	CHECK_EQ(found, 1);
}

TEST(what_is_written_is_read_again)
{
	struct file file = opened("/dir/new", FS_CREATE);
	uint64_t done = 0;

	CHECK_EQ(file.size, 0);
	for (unsigned i = 0; i < 20; i++)
		memset(bytes(i), 'A' + (int)i, FRAME);
	CHECK_EQ(file_write(&file, 0, 19 * FRAME + 5, &buffer, 0), FS_OK);
	CHECK_EQ(opened("/dir/new", 0).size, 19 * FRAME + 5);
	for (unsigned i = 0; i < 20; i++)
		memset(bytes(i), 0, FRAME);
	CHECK_EQ(file_read(&file, 0, 20 * FRAME, &buffer, 20, &done), FS_OK);
	CHECK_EQ(done, 19 * FRAME + 5);
	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(text(20 + i)[4], 'A' + (int)i);
}

TEST(holes_are_zeroes)
{
	struct file file = opened("/dir/sparse", FS_CREATE);
	uint64_t done = 0;

	memset(bytes(0), 'x', FRAMES * FRAME);
	CHECK_EQ(file_write(&file, 10 * FRAME, FRAME, &buffer, 0), FS_OK);
	CHECK_EQ(file_read(&file, 0, 11 * FRAME, &buffer, 20, &done), FS_OK);
	CHECK_EQ(done, 11 * FRAME);
	CHECK_EQ(text(20)[0], 0);
	CHECK_EQ(text(29)[FRAME - 1], 0);
	CHECK_EQ(text(30)[0], 'x');
	memset(bytes(20), 'y', 11 * FRAME);
	CHECK_EQ(file_read_copy(&file, 0, 11 * FRAME, bytes(20), &done), FS_OK);
	CHECK_EQ(done, 11 * FRAME);
	CHECK_EQ(text(20)[0], 0);
	CHECK_EQ(text(30)[0], 'x');
}

TEST(files_go_and_shrink)
{
	struct file file = opened("/dir/short", FS_CREATE);

	CHECK_EQ(file_write(&file, 0, 5 * FRAME, &buffer, 0), FS_OK);
	CHECK_EQ(file_truncate(&file, FRAME), FS_OK);
	CHECK_EQ(opened("/dir/short", 0).size, FRAME);
	CHECK_EQ(file_unlink(&fs, "/dir/short"), FS_OK);
	CHECK_EQ(file_open(&fs, "/dir/short", 0, &file), FS_ENOENT);
	CHECK_EQ(file_mkdir(&fs, "/sub"), FS_OK);
	CHECK_EQ(file_mkdir(&fs, "/sub"), FS_EEXIST);
	CHECK_EQ(file_unlink(&fs, "/sub"), FS_EISDIR);
	CHECK_EQ(file_rmdir(&fs, "/sub"), FS_OK);
	CHECK_EQ(file_unlink(&fs, "/dir"), FS_EISDIR);
	CHECK_EQ(file_rmdir(&fs, "/dir"), FS_ENOTEMPTY);
}

/* --- what a client may not --- */

/* A capability for the first block of a file, and where that is. */
static uint64_t capability_for(const char *path, uint64_t *sector)
{
	struct file file = opened(path, 0);
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, FS_READ);
	L4_MsgAppendWord(&msg, file.number);
	L4_MsgAppendWord(&msg, 0);
	L4_MsgAppendWord(&msg, FRAME);
	L4_MsgLoad(&msg);

	msgtag_t tag = L4_Call(fs.fs);

	L4_MsgStore(tag, &msg);
	CHECK_EQ(L4_MsgWord(&msg, 0), FS_OK);
	*sector = L4_MsgWord(&msg, 3);
	return L4_MsgWord(&msg, 1);
}

static uint64_t transfer(uint64_t capability, uint64_t right,
	uint64_t container, uint64_t sector, uint64_t nr, uint64_t offset)
{
	struct store_piece piece = {sector, nr, offset};

	return store_transfer(
		fs.store, capability, right, container, &piece, 1);
}

TEST(a_block_outside_of_the_capability_is_refused)
{
	uint64_t sector = 0;
	uint64_t capability = capability_for("/big", &sector);

	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, SECTORS,
			 0),
		STORE_OK);
	CHECK_EQ(text(0)[0], 'a');
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there,
			 sector + SECTORS, SECTORS, 0),
		STORE_EACCESS);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector,
			 SECTORS + 1, 0),
		STORE_EACCESS);
	CHECK_EQ(transfer(capability, STORE_WRITE, buffer.there, sector,
			 SECTORS, 0),
		STORE_EACCESS);
	CHECK_EQ(transfer(capability + 1, STORE_READ, buffer.there, sector,
			 SECTORS, 0),
		STORE_ENOENT);
	CHECK_EQ(transfer(STORE_ALL, STORE_READ, buffer.there, sector, SECTORS,
			 0),
		STORE_ENOENT);
}

TEST(a_container_of_another_domain_is_refused)
{
	uint64_t sector = 0;
	uint64_t capability = capability_for("/big", &sector);

	for (uint64_t name = 0; name < 64; name++)
		if (name != buffer.there)
			CHECK_EQ(transfer(capability, STORE_READ, name, sector,
					 SECTORS, 0),
				STORE_ECONTAINER);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, SECTORS,
			 FRAMES * FRAME),
		STORE_ECONTAINER);
}

TEST(requests_that_make_no_sense_are_refused)
{
	uint64_t sector = 0, ignored;
	uint64_t capability = capability_for("/big", &sector);
	struct store_extent extent = {0, 8};

	CHECK_EQ(transfer(capability, 8, buffer.there, sector, 8, 0),
		STORE_EINVAL);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, 8, 100),
		STORE_EINVAL);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, 0, 0),
		STORE_EINVAL);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, UINT64_MAX, 8,
			 0),
		STORE_EINVAL);
	CHECK_EQ(transfer(capability, STORE_READ | STORE_MORE, buffer.there,
			 sector, 8, 0),
		STORE_EINVAL);
	CHECK_EQ(store_grant(fs.store, startup_page()->domain_index, STORE_READ,
			 &extent, 1, &ignored),
		STORE_EACCESS);
	CHECK_EQ(store_revoke(fs.store, capability), STORE_EACCESS);
	CHECK_EQ(store_flush(fs.store), STORE_EACCESS);
}

TEST(blocks_of_a_file_that_is_gone_are_out_of_reach)
{
	struct file file = opened("/dir/gone", FS_CREATE);
	uint64_t sector = 0, capability;

	CHECK_EQ(file_write(&file, 0, FRAME, &buffer, 0), FS_OK);
	capability = capability_for("/dir/gone", &sector);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, SECTORS,
			 0),
		STORE_OK);
	CHECK_EQ(file_unlink(&fs, "/dir/gone"), FS_OK);
	CHECK_EQ(transfer(capability, STORE_READ, buffer.there, sector, SECTORS,
			 0),
		STORE_ENOENT);
}

TAP_MAIN(CASE(a_container_is_shared_with_the_store), CASE(a_small_file_is_read),
	CASE(a_large_file_is_read_in_parts), CASE(by_copy_it_is_the_same),
	CASE(no_interrupt_is_lost), CASE(a_directory_is_listed),
	CASE(what_is_written_is_read_again), CASE(holes_are_zeroes),
	CASE(files_go_and_shrink),
	CASE(a_block_outside_of_the_capability_is_refused),
	CASE(a_container_of_another_domain_is_refused),
	CASE(requests_that_make_no_sense_are_refused),
	CASE(blocks_of_a_file_that_is_gone_are_out_of_reach))
