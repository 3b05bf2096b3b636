/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block I/O by the worker: what was submitted happens, whoever goes away.
 */
/* link: vmm/blockio.c vmm/ioorder.c tests/unit/flatmem.c */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"
#include "tests/unit/flatmem.h"
#include "vmm/blockio.h"

#define SIZE 65536u
#define ROUNDS 60u

static char path[32];
static struct guestmem mem;
static _Alignas(4096) uint8_t data[BLOCK_REQUESTS_MAX][2 * SIZE];

/* All requests that may be out at once, then the image is closed. */
static void write_and_close(uint8_t byte, unsigned flags, unsigned skew)
{
	static struct block_request rq[BLOCK_REQUESTS_MAX];
	struct block *block = NULL;

	REQUIRE(block_open(&block, path, flags, -1, NULL) == 0);
	mem.iovs = BLOCK_REQUESTS_MAX;
	for (unsigned i = 0; i < BLOCK_REQUESTS_MAX; i++) {
		memset(data[i] + skew, byte + (int)i, SIZE);
		rq[i] = (struct block_request){
			.op = BLOCK_WRITE,
			.nr_iov = 1,
			.offset = (uint64_t)i * SIZE,
			.len = SIZE,
			.mem = &mem,
			.iov = {{data[i] + skew, SIZE}},
		};
		block_submit(block, &rq[i]);
	}
	block_close(block);
	CHECK_EQ(mem.iovs, 0); /* all given back */
}

static bool file_holds(uint8_t byte)
{
	static uint8_t seen[SIZE];
	bool good = true;
	int fd = open(path, O_RDONLY);

	for (unsigned i = 0; good && i < BLOCK_REQUESTS_MAX; i++)
		good = read(fd, seen, SIZE) == SIZE &&
		       seen[0] == (uint8_t)(byte + i) &&
		       memcmp(seen, seen + 1, SIZE - 1) == 0;
	(void)close(fd);
	return good;
}

static void write_and_look(unsigned flags, unsigned skew)
{
	char template[] = "/tmp/blockio_test.XXXXXX";
	int fd = mkstemp(template);

	REQUIRE(fd >= 0);
	memcpy(path, template, sizeof(template));
	CHECK(ftruncate(fd, BLOCK_REQUESTS_MAX * SIZE) == 0);
	(void)close(fd);
	REQUIRE(blockio_start() == 0);
	for (unsigned i = 0; i < ROUNDS && !tap_state.failed; i++) {
		write_and_close((uint8_t)i, flags, skew);
		CHECK(file_holds((uint8_t)i));
	}
	blockio_stop();
	(void)unlink(path);
}

TEST(a_closed_image_has_what_was_submitted)
{
	write_and_look(0, 0);
}

TEST(so_it_has_past_the_page_cache)
{
	write_and_look(BLOCK_DIRECT, 0);
}

TEST(buffers_may_begin_where_the_store_cannot)
{
	write_and_look(BLOCK_DIRECT, 7);
}

/* A read that ends where the file ends, and one behind its end. */
static int read_from_short_file(struct block *block, uint64_t offset)
{
	struct block_request rq = {
		.op = BLOCK_READ,
		.nr_iov = 1,
		.offset = offset,
		.len = SIZE,
		.mem = &mem,
		.iov = {{data[0], SIZE}},
		.result = 1,
	};

	mem.iovs = 1;
	block_submit(block, &rq);
	block_drain(block);
	CHECK(block_completed(block) == &rq);
	return rq.result;
}

TEST(a_store_that_was_cut_short_is_an_error)
{
	char template[] = "/tmp/blockio_test.XXXXXX";
	struct block *block = NULL;
	int fd = mkstemp(template);

	REQUIRE(fd >= 0 && ftruncate(fd, 4 * SIZE) == 0);
	REQUIRE(blockio_start() == 0);
	REQUIRE(block_open(&block, template, 0, -1, NULL) == 0);
	CHECK(ftruncate(fd, SIZE + SIZE / 2) == 0);
	CHECK_EQ(read_from_short_file(block, 0), 0);
	CHECK_EQ(read_from_short_file(block, SIZE), (uint64_t)-EIO);
	CHECK_EQ(read_from_short_file(block, 2 * SIZE), (uint64_t)-EIO);
	block_close(block);
	blockio_stop();
	(void)close(fd);
	(void)unlink(template);
}

TAP_MAIN(CASE(a_closed_image_has_what_was_submitted),
	CASE(so_it_has_past_the_page_cache),
	CASE(buffers_may_begin_where_the_store_cannot),
	CASE(a_store_that_was_cut_short_is_an_error))
