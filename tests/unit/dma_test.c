/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/dma.c vmm/memory/container.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c -pthread */
/*
 * Device addresses: what a request may reach, and that nothing is taken away
 * under it, whatever other threads do.
 */
#include "vmm/memory/dma.h"

#include <errno.h>
#include <pthread.h>

#include "tests/tap.h"
#include "tests/unit/contenttag.h"
#include "vmm/memory/frame.h"

#define ROUNDS 20000u

static struct content tags;
static struct frame_table table;
static struct account_pool pool = {.total = {64, 0}};
static struct account account;
static struct dma dma;
static struct container *container;
static char *const view = (char *)(UINT64_C(1) << 32);

void *content_frame(struct content *content, uint64_t frame)
{
	(void)content;
	return view + frame * FRAME_SIZE;
}

static void begin(void)
{
	uint64_t count = 16;

	tags = (struct content){.tag = {0}};
	dma.content = &tags;
	CHECK_EQ(frame_table_init(&table, 64, &tags), 0);
	account_open(&account, &pool);
	CHECK_EQ(account_admit(&account, (struct account_amount){64, 0}), 0);
	container = container_new(&table, &account);
	REQUIRE(container != NULL);
	CHECK_EQ(container_allocate(container, 0, &count, 0), 0);
}

static void finish(void)
{
	CHECK(dma_end(&dma, NULL));
	CHECK(!container_is_pinned(container));
	container_free(container);
	CHECK_EQ(account_close(&account), 0);
	frame_table_fini(&table);
}

static int taken(uint64_t address, size_t size, bool device_writes)
{
	struct iovec iov = {NULL, 0};
	int err = dma_take(&dma, (gpa_t){address}, size, device_writes, &iov);

	if (!err) {
		CHECK(iov.iov_base == view + (address - DMA_ADDRESS));
		CHECK_EQ(iov.iov_len, size);
		dma_give_back(&dma, &iov);
	}
	return err;
}

TEST(a_request_reaches_what_is_locked_and_no_more)
{
	uint64_t at;

	begin();
	at = dma_add(&dma, container, 4, 2, true);
	CHECK_EQ(at, DMA_ADDRESS + 4 * FRAME_SIZE);
	CHECK_EQ(taken(at, 2 * FRAME_SIZE, true), 0);
	CHECK_EQ(taken(at + FRAME_SIZE - 1, 1, true), 0);
	CHECK_EQ(taken(at - 1, 1, true), -EFAULT);
	CHECK_EQ(taken(at + 1, 2 * FRAME_SIZE, true), -EFAULT);
	CHECK_EQ(taken(at + 2 * FRAME_SIZE, 1, true), -EFAULT);
	CHECK_EQ(taken(at, SIZE_MAX, true), -EFAULT);
	CHECK_EQ(taken(at - DMA_ADDRESS, 1, true), -EFAULT);
	CHECK_EQ(taken(UINT64_MAX, 2, true), -EFAULT);
	finish();
}

TEST(what_may_only_be_read_is_not_written)
{
	uint64_t at;

	begin();
	at = dma_add(&dma, container, 0, 1, false);
	CHECK_EQ(taken(at, FRAME_SIZE, false), 0);
	CHECK_EQ(taken(at, FRAME_SIZE, true), -EFAULT);
	finish();
}

TEST(a_run_ends_with_its_last_request)
{
	struct iovec iov, other = {&iov, sizeof(iov)};
	uint64_t at, count = 1;

	begin();
	at = dma_add(&dma, container, 3, 3, true);
	CHECK_EQ(dma_take(&dma, (gpa_t){at}, 8, true, &iov), 0);
	CHECK(container_is_pinned(container));
	CHECK(!dma_end(&dma, container));
	CHECK_EQ(taken(at, 8, true), -EFAULT);
	CHECK_EQ(container_deallocate(container, 3, &count, 0), -EBUSY);
	CHECK_EQ(count, 0);
	dma_give_back(&dma, &other); /* ordinary memory: nothing */
	CHECK(!dma_end(&dma, container));
	dma_give_back(&dma, &iov);
	CHECK(dma_end(&dma, container));
	CHECK(!container_is_pinned(container));
	count = 1;
	CHECK_EQ(container_deallocate(container, 3, &count, 0), 0);
	finish();
}

TEST(there_are_so_many_runs_and_all_come_back)
{
	begin();
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < DMA_RUNS; i++)
			CHECK(dma_add(&dma, container, i % 16, 1, true) != 0);
		CHECK_EQ(dma_add(&dma, container, 0, 1, true), 0);
		CHECK(dma_end(&dma, NULL));
	}
	finish();
}

/* One thread makes runs and ends them, one has requests. */
static atomic_bool there, stop;
static atomic_uint requests, strays;

static void *requester(void *unused)
{
	struct iovec iov;

	while (!atomic_load(&stop)) {
		if (dma_take(&dma, (gpa_t){DMA_ADDRESS + 2 * FRAME_SIZE}, 8,
			    true, &iov))
			continue;
		for (unsigned i = 0; i < 20; i++)
			strays += !atomic_load(&there);
		requests++;
		dma_give_back(&dma, &iov);
	}
	return unused;
}

TEST(nothing_ends_under_a_request)
{
	pthread_t thread;

	begin();
	REQUIRE(pthread_create(&thread, NULL, requester, NULL) == 0);
	for (unsigned i = 0; i < ROUNDS || !atomic_load(&requests); i++) {
		atomic_store(&there, true);
		CHECK(dma_add(&dma, container, i % 4, 1, true) != 0);
		while (!dma_end(&dma, container))
			;
		atomic_store(&there, false);
	}
	atomic_store(&stop, true);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(strays, 0);
	finish();
}

TAP_MAIN(CASE(a_request_reaches_what_is_locked_and_no_more),
	CASE(what_may_only_be_read_is_not_written),
	CASE(a_run_ends_with_its_last_request),
	CASE(there_are_so_many_runs_and_all_come_back),
	CASE(nothing_ends_under_a_request))
