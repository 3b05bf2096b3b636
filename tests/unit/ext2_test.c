/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ext2 library on images of mke2fs: what debugfs put in is found, what is
 * changed here is sound to e2fsck and found by debugfs.
 */
/* link: servers/ext2/cache.c servers/ext2/volume.c servers/ext2/allocate.c */
/* link: servers/ext2/inode.c servers/ext2/directory.c servers/ext2/file.c */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "servers/ext2/ext2.h"
#include "tests/tap.h"

#define MIB (1u << 20)
#define IMAGE_SIZE (8u * MIB)
#define STEPS 3000
#define NAMES 24u
#define BLOCKS 40u /* of a file of the random run, at most */

static uint8_t disk[IMAGE_SIZE];
static bool store_fails;
static uint32_t bad_block; /* cannot be written; 0: all can */
static struct ext2 fs;
static char path[64];

static bool store_read(
	TAP_UNUSED void *context, uint64_t offset, void *buffer, size_t size)
{
	if (store_fails || offset > IMAGE_SIZE || size > IMAGE_SIZE - offset)
		return false;
	memcpy(buffer, disk + offset, size);
	return true;
}

static bool store_write(TAP_UNUSED void *context, uint32_t block_size,
	const struct ext2_write *list, unsigned nr)
{
	bool good = !store_fails;

	for (unsigned i = 0; !store_fails && i < nr; i++)
		if (bad_block && list[i].block == bad_block)
			good = false;
		else
			memcpy(disk + (size_t)list[i].block * block_size,
				list[i].data, block_size);
	return good;
}

static const struct ext2_store store = {
	NULL, IMAGE_SIZE, store_read, store_write};

static void image_load(void)
{
	FILE *f = fopen(path, "rb");

	CHECK(f && fread(disk, 1, IMAGE_SIZE, f) == IMAGE_SIZE);
	if (f)
		(void)fclose(f);
}

static void image_save(void)
{
	FILE *f = fopen(path, "wb");

	CHECK(f && fwrite(disk, 1, IMAGE_SIZE, f) == IMAGE_SIZE);
	if (f)
		CHECK(fclose(f) == 0);
}

__attribute__((format(printf, 1, 2))) static int shell(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

static void image_make(const char *options)
{
	(void)snprintf(path, sizeof(path), "/tmp/ext2_test.%d", getpid());
	CHECK_EQ(shell("rm -f %s; mke2fs -q -t ext2 %s %s 8M 2>&1", path,
			 options, path),
		0);
	image_load();
}

static void image_mount(const char *options)
{
	image_make(options);
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_OK);
}

static void is_sound(void)
{
	image_save();
	CHECK_EQ(shell("e2fsck -fn %s >%s.fsck 2>&1 || "
		       "{ sed 's/^/# /' %s.fsck; exit 1; }",
			 path, path, path),
		0);
}

static void image_end(void)
{
	is_sound();
	(void)shell("rm -f %s %s.*", path, path);
}

/* Writes @nr blocks full of @byte from block @first on, as a client does. */
static enum ext2_error write_blocks(
	uint32_t inode, uint32_t first, uint32_t nr, int byte)
{
	uint32_t block[EXT2_WRITE_MAX];
	enum ext2_error error = ext2_write_begin(&fs, inode, first, nr, block);

	if (error)
		return error;
	for (uint32_t i = 0; i < nr; i++)
		memset(disk + (size_t)block[i] * fs.block_size, byte,
			fs.block_size);
	return ext2_write_end(&fs, inode, first, nr, block,
		(uint64_t)(first + nr) * fs.block_size);
}

static bool block_is(uint32_t inode, uint32_t n, int byte)
{
	struct ext2_extent extent;
	unsigned found;

	if (ext2_map(&fs, inode, n, 1, &extent, 1, &found) || found != 1)
		return false;
	for (uint32_t i = 0; extent.block && i < fs.block_size; i++)
		if (disk[(size_t)extent.block * fs.block_size + i] != byte)
			return false;
	return extent.block || byte == 0;
}

/* --- single things --- */

TEST(what_debugfs_wrote_is_found)
{
	struct ext2_extent extent[4];
	struct ext2_stat stat;
	uint32_t inode = 0;
	unsigned found;

	image_make("-b 1024");
	CHECK_EQ(shell("seq 1 3000 >%s.in && debugfs -w -R 'mkdir sub' %s "
		       "2>/dev/null >&2 && debugfs -w -R 'write %s.in "
		       "sub/numbers' %s 2>/dev/null >&2",
			 path, path, path, path),
		0);
	image_load();
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_OK);
	REQUIRE(ext2_lookup(&fs, "/sub//numbers", &inode) == EXT2_OK);
	CHECK_EQ(ext2_stat(&fs, inode, &stat), EXT2_OK);
	CHECK_EQ(stat.size, 13893);
	CHECK_EQ(ext2_map(&fs, inode, 0, 1, extent, 4, &found), EXT2_OK);
	REQUIRE(found == 1 && extent[0].block);
	CHECK(memcmp(disk + extent[0].block * 1024u, "1\n2\n3\n", 6) == 0);
	CHECK_EQ(ext2_lookup(&fs, "/sub/numbers/x", &inode), EXT2_ENOTDIR);
	CHECK_EQ(ext2_lookup(&fs, "/sub/none", &inode), EXT2_ENOENT);
	CHECK_EQ(ext2_lookup(&fs, "sub", &inode), EXT2_EINVAL);
	CHECK_EQ(ext2_lookup(&fs, "/sub/../sub/.", &inode), EXT2_OK);
	image_end();
}

TEST(what_is_written_is_found_by_debugfs)
{
	uint32_t inode = 0;

	image_mount("-b 4096");
	CHECK_EQ(ext2_create(&fs, "/dir", EXT2_DIRECTORY | 0755, &inode),
		EXT2_OK);
	CHECK_EQ(ext2_create(&fs, "/dir/file", EXT2_FILE | 0644, &inode),
		EXT2_OK);
	CHECK_EQ(write_blocks(inode, 0, 3, 'x'), EXT2_OK);
	CHECK_EQ(ext2_truncate(&fs, inode, 9000), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	is_sound();
	CHECK_EQ(shell("debugfs -R 'dump /dir/file %s.out' %s 2>/dev/null && "
		       "[ $(tr -d -c x <%s.out | wc -c) = 9000 ] && "
		       "[ $(wc -c <%s.out) = 9000 ]",
			 path, path, path, path),
		0);
	image_end();
}

TEST(every_level_of_the_map_works)
{
	static const uint32_t at[] = {0, 11, 12, 267, 268, 65803, 65804, 70000};
	uint32_t inode = 0;

	image_mount("-b 1024");
	CHECK_EQ(ext2_create(&fs, "/sparse", EXT2_FILE, &inode), EXT2_OK);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(write_blocks(inode, at[i], 1, (int)i + 1), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	is_sound();
	for (unsigned i = 0; i < 8; i++)
		CHECK(block_is(inode, at[i], (int)i + 1));
	CHECK(block_is(inode, 5000, 0));
	for (unsigned i = 8; i-- > 0;) {
		CHECK_EQ(ext2_truncate(&fs, inode, (uint64_t)at[i] * 1024),
			EXT2_OK);
		CHECK_EQ(ext2_commit(&fs), EXT2_OK);
		is_sound();
		CHECK(block_is(inode, at[i], 0));
		CHECK(i == 0 || block_is(inode, at[i - 1], (int)i));
	}
	CHECK_EQ(ext2_truncate(&fs, inode, UINT64_MAX), EXT2_EFBIG);
	CHECK_EQ(write_blocks(inode, UINT32_MAX, 1, 1), EXT2_EFBIG);
	image_end();
}

TEST(names_are_refused_by_name)
{
	char long_name[300] = "/";
	uint32_t inode = 0;

	image_mount("");
	CHECK_EQ(ext2_create(&fs, "/a", EXT2_FILE, &inode), EXT2_OK);
	CHECK_EQ(ext2_create(&fs, "/a", EXT2_FILE, &inode), EXT2_EEXIST);
	CHECK_EQ(ext2_create(&fs, "/", EXT2_FILE, &inode), EXT2_EEXIST);
	CHECK_EQ(ext2_create(&fs, "/b/c", EXT2_FILE, &inode), EXT2_ENOENT);
	CHECK_EQ(ext2_create(&fs, "/a/c", EXT2_FILE, &inode), EXT2_ENOTDIR);
	CHECK_EQ(ext2_create(&fs, "/p", 0x1000, &inode), EXT2_EINVAL);
	memset(long_name + 1, 'n', 256);
	CHECK_EQ(ext2_create(&fs, long_name, EXT2_FILE, &inode), EXT2_EINVAL);
	long_name[256] = '\0';
	CHECK_EQ(ext2_create(&fs, long_name, EXT2_FILE, &inode), EXT2_OK);
	CHECK_EQ(ext2_create(&fs, "/d", EXT2_DIRECTORY, &inode), EXT2_OK);
	CHECK_EQ(ext2_create(&fs, "/d/e", EXT2_FILE, &inode), EXT2_OK);
	CHECK_EQ(ext2_unlink(&fs, "/d"), EXT2_EISDIR);
	CHECK_EQ(ext2_rmdir(&fs, "/d"), EXT2_ENOTEMPTY);
	CHECK_EQ(ext2_rmdir(&fs, "/a"), EXT2_ENOTDIR);
	CHECK_EQ(ext2_rmdir(&fs, "/d/."), EXT2_EINVAL);
	CHECK_EQ(ext2_rmdir(&fs, "/"), EXT2_EINVAL);
	CHECK_EQ(ext2_unlink(&fs, "/none"), EXT2_ENOENT);
	CHECK_EQ(ext2_unlink(&fs, "/d/e"), EXT2_OK);
	CHECK_EQ(ext2_rmdir(&fs, "/d"), EXT2_OK);
	CHECK_EQ(write_blocks(EXT2_ROOT_INO, 0, 1, 1), EXT2_EISDIR);
	CHECK_EQ(ext2_stat(&fs, 0, &(struct ext2_stat){0}), EXT2_ECORRUPT);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	image_end();
}

TEST(blocks_of_a_cancelled_write_stay_free)
{
	uint32_t inode = 0, block[4], again[4];

	image_mount("-b 4096");
	CHECK_EQ(ext2_create(&fs, "/a", EXT2_FILE, &inode), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	CHECK_EQ(ext2_write_begin(&fs, inode, 0, 4, block), EXT2_OK);
	CHECK_EQ(ext2_write_begin(&fs, inode, 0, 4, again), EXT2_OK);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < 4; k++)
			CHECK(block[i] != again[k]);
	ext2_write_cancel(&fs, 4, again);
	/* Only what was reserved can become part of a file. */
	CHECK_EQ(ext2_write_end(&fs, inode, 0, 4, again, 16384), EXT2_EINVAL);
	CHECK_EQ(ext2_abort(&fs), EXT2_OK);
	CHECK_EQ(ext2_write_end(&fs, inode, 0, 4, block, 1), EXT2_EINVAL);
	CHECK_EQ(ext2_write_end(&fs, inode, 0, 4, block, 12289), EXT2_OK);
	CHECK_EQ(fs.nr_reserved, 0);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	image_end();
}

TEST(a_full_disk_says_so_and_stays_sound)
{
	enum ext2_error error = EXT2_OK;
	uint32_t inode = 0, n = 0;

	image_mount("-b 1024 -m 0");
	CHECK_EQ(ext2_create(&fs, "/big", EXT2_FILE, &inode), EXT2_OK);
	while (!error) {
		error = write_blocks(inode, n, 50, 'f');
		if (!error)
			error = ext2_commit(&fs);
		n += 50;
	}
	CHECK_EQ(error, EXT2_ENOSPC);
	CHECK_EQ(ext2_abort(&fs), EXT2_OK);
	is_sound();
	CHECK_EQ(ext2_unlink(&fs, "/big"), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	image_end();
}

TEST(what_is_no_ext2_is_refused_by_name)
{
	struct ext2_super_block *super =
		(struct ext2_super_block *)(disk + 1024);
	struct ext2_store small = store;

	image_make("-O has_journal -J size=1 -b 1024");
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_EFEATURE);
	image_make("");
	small.size = IMAGE_SIZE / 2;
	CHECK_EQ(ext2_mount(&fs, &small), EXT2_ESHORT);
	small.size = 100;
	CHECK_EQ(ext2_mount(&fs, &small), EXT2_ESHORT);
	store_fails = true;
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_EIO);
	store_fails = false;
	super->s_blocks_per_group = 0;
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_ECORRUPT);
	super->s_magic = 0;
	CHECK_EQ(ext2_mount(&fs, &store), EXT2_ENOTEXT2);
	(void)shell("rm -f %s %s.*", path, path);
}

/* Metadata of random bytes is refused or served; nothing else happens. */
TEST(random_damage_is_survived)
{
	uint32_t inode;

	image_mount("-b 1024");
	for (unsigned i = 0; i < 20; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "/f%u", i);
		CHECK_EQ(ext2_create(&fs, name, EXT2_FILE, &inode), EXT2_OK);
		CHECK_EQ(write_blocks(inode, 0, 20, 1), EXT2_OK);
	}
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	image_save();
	for (unsigned run = 0; run < 3000; run++) {
		char name[EXT2_NAME_LEN + 1];
		uint64_t position = 0;

		srand(run);
		image_load();
		for (unsigned i = 0; i < 200; i++)
			disk[(unsigned)rand() % (300 * 1024)] ^=
				(uint8_t)rand();
		if (ext2_mount(&fs, &store))
			continue;
		while (!ext2_readdir(
			&fs, EXT2_ROOT_INO, &position, name, &inode))
			;
		for (unsigned i = 0; i < 20; i++) {
			(void)snprintf(name, sizeof(name), "/f%u", i);
			if (!ext2_lookup(&fs, name, &inode))
				(void)write_blocks(inode, 15, 3, 7);
			(void)ext2_unlink(&fs, name);
		}
		(void)ext2_create(&fs, "/new", EXT2_FILE, &inode);
		(void)ext2_commit(&fs);
	}
	(void)shell("rm -f %s %s.*", path, path);
}

/* --- random changes against a model --- */

struct model {
	bool exists;
	uint32_t inode;
	uint8_t byte[BLOCKS];
};

static struct model model[NAMES], committed[NAMES];

static const char *name_of(unsigned i)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "/d/file-number-%u", i);
	return name;
}

static enum ext2_error random_step(void)
{
	unsigned i = (unsigned)rand() % NAMES;
	uint32_t first = (uint32_t)rand() % BLOCKS;
	uint32_t nr = 1 + (uint32_t)rand() % (BLOCKS - first);
	struct model *m = &model[i];
	int byte = rand() % 255 + 1;
	enum ext2_error error;

	if (!m->exists) {
		error = ext2_create(&fs, name_of(i), EXT2_FILE, &m->inode);
		*m = (struct model){.exists = !error, .inode = m->inode};
		return error;
	}
	switch (rand() % 4) {
	case 0:
		m->exists = false;
		return ext2_unlink(&fs, name_of(i));
	case 1:
		memset(&m->byte[first], 0, BLOCKS - first);
		return ext2_truncate(
			&fs, m->inode, (uint64_t)first * fs.block_size);
	default:
		memset(&m->byte[first], byte, nr);
		return write_blocks(m->inode, first, nr, byte);
	}
}

static void compare(void)
{
	for (unsigned i = 0; i < NAMES; i++) {
		uint32_t inode;
		enum ext2_error error = ext2_lookup(&fs, name_of(i), &inode);

		CHECK_EQ(error, model[i].exists ? EXT2_OK : EXT2_ENOENT);
		for (uint32_t n = 0; !error && n < BLOCKS; n++)
			CHECK(block_is(inode, n, model[i].byte[n]));
	}
}

static void random_run(const char *options, unsigned seed)
{
	uint32_t inode;

	srand(seed);
	memset(model, 0, sizeof(model));
	image_mount(options);
	CHECK_EQ(ext2_create(&fs, "/d", EXT2_DIRECTORY, &inode), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		CHECK_EQ(random_step(), EXT2_OK);
		CHECK_EQ(ext2_commit(&fs), EXT2_OK);
		if (i % 300 == 0) {
			is_sound();
			compare();
		}
	}
	compare();
	image_end();
}

TEST(random_changes_with_small_blocks)
{
	random_run("-b 1024", 1);
}

TEST(random_changes_with_large_blocks)
{
	random_run("-b 4096 -N 64", 2);
}

/* A store that fails in a commit: nothing of it has happened. */
TEST(a_failed_commit_leaves_what_was)
{
	uint32_t inode;

	srand(3);
	memset(model, 0, sizeof(model));
	image_mount("-b 1024");
	CHECK_EQ(ext2_create(&fs, "/d", EXT2_DIRECTORY, &inode), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	for (unsigned i = 0; i < 400 && !tap_state.failed; i++) {
		memcpy(committed, model, sizeof(model));
		(void)random_step();
		store_fails = rand() % 4 == 0;
		if (ext2_commit(&fs) == EXT2_EIO) {
			store_fails = false;
			CHECK_EQ(ext2_abort(&fs), EXT2_OK);
			/* Data of files is written before, and stays. */
			for (unsigned k = 0; k < NAMES; k++)
				if (committed[k].exists != model[k].exists)
					model[k] = committed[k];
		}
		store_fails = false;
		if (i % 40 == 0)
			is_sound();
	}
	image_end();
}

/* Some block that the next commit is about to write. */
static uint32_t any_dirty(void)
{
	uint32_t block = 0;

	for (unsigned i = 0, seen = 0; i < EXT2_CACHE_BLOCKS; i++)
		if (fs.cache[i].dirty && (unsigned)rand() % ++seen == 0)
			block = fs.cache[i].number;
	return block;
}

/* One block cannot be written, the others of the commit can. */
TEST(a_bad_block_leaves_what_was)
{
	unsigned failed = 0;
	uint32_t inode;

	srand(4);
	memset(model, 0, sizeof(model));
	image_mount("-b 1024");
	CHECK_EQ(ext2_create(&fs, "/d", EXT2_DIRECTORY, &inode), EXT2_OK);
	CHECK_EQ(ext2_commit(&fs), EXT2_OK);
	for (unsigned i = 0; i < 400 && !tap_state.failed; i++) {
		memcpy(committed, model, sizeof(model));
		(void)random_step();
		bad_block = any_dirty();
		if (ext2_commit(&fs) == EXT2_EIO) {
			failed++;
			CHECK_EQ(ext2_abort(&fs), EXT2_OK);
			for (unsigned k = 0; k < NAMES; k++)
				if (committed[k].exists != model[k].exists)
					model[k] = committed[k];
			if (failed % 10 == 0)
				is_sound();
		}
		bad_block = 0;
		if (rand() % 2 == 0) {
			(void)random_step();
			CHECK_EQ(ext2_commit(&fs), EXT2_OK);
		}
	}
	CHECK(failed > 100);
	image_end();
}

TAP_MAIN(CASE(a_bad_block_leaves_what_was), CASE(what_debugfs_wrote_is_found),
	CASE(what_is_written_is_found_by_debugfs),
	CASE(every_level_of_the_map_works), CASE(names_are_refused_by_name),
	CASE(blocks_of_a_cancelled_write_stay_free),
	CASE(a_full_disk_says_so_and_stays_sound),
	CASE(what_is_no_ext2_is_refused_by_name),
	CASE(random_damage_is_survived), CASE(random_changes_with_small_blocks),
	CASE(random_changes_with_large_blocks),
	CASE(a_failed_commit_leaves_what_was))
