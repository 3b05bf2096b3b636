/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-balloon, seen from a driver.
 */
/* link: virtio/virtq.c virtio/device.c virtio/balloon.c tests/unit/flatmem.c tests/unit/ringdriver.c */
#include <linux/virtio_config.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/ringdriver.h"
#include "virtio/balloon.h"

#define INFLATE 0
#define DEFLATE 1
#define REPORTING 2
#define NUMBERS RING_DATA
#define PAGE(n) ((n)*BALLOON_PAGE)
#define FIRST 9u /* page of the flat memory that tests give away */

static struct guestmem memory;
static struct virtio_balloon balloon;
static struct ring_driver driver;

static void start(unsigned queue)
{
	virtio_balloon_init(&balloon, &memory, true);
	ring_setup(&driver, &balloon.dev, queue, 0);
	memset(memory.bytes + PAGE(FIRST), 0x55, FLATMEM_SIZE - PAGE(FIRST));
}

static bool run(unsigned queue, size_t bytes)
{
	struct virtio_budget budget = {64, bytes, 0};

	virtio_notify(&balloon.dev, queue);
	return virtio_run(&balloon.dev, &budget);
}

static void offer_numbers(const uint32_t *pfn, unsigned nr)
{
	memcpy(memory.bytes + NUMBERS, pfn, nr * sizeof(*pfn));
	*ring_desc(&driver, RING_DESC, 0) = (struct vring_desc){
		NUMBERS, (uint32_t)(nr * sizeof(*pfn)), 0, 0};
	ring_offer(&driver, 0);
}

static bool is_gone(unsigned page)
{
	for (unsigned i = 0; i < BALLOON_PAGE; i++)
		if (memory.bytes[PAGE(page) + i])
			return false;
	return true;
}

static bool broken(void)
{
	return balloon.dev.status & VIRTIO_CONFIG_S_NEEDS_RESET;
}

TEST(pages_of_the_balloon_are_discarded)
{
	static const uint32_t pfn[] = {FIRST, FIRST + 1, FIRST + 4};
	struct vring_used_elem elem;

	start(INFLATE);
	offer_numbers(pfn, 3);
	CHECK(!run(INFLATE, 65536));
	CHECK(is_gone(FIRST) && is_gone(FIRST + 1) && is_gone(FIRST + 4));
	CHECK(!is_gone(FIRST + 2) && !is_gone(FIRST + 3));
	CHECK(ring_take(&driver, &elem));
}

TEST(the_budget_is_kept_and_the_rest_done_later)
{
	static const uint32_t pfn[] = {FIRST, FIRST + 2, FIRST + 4};
	struct vring_used_elem elem;

	start(INFLATE);
	offer_numbers(pfn, 3);
	CHECK(run(INFLATE, 16384));
	CHECK(is_gone(FIRST) && !is_gone(FIRST + 2));
	CHECK(!ring_take(&driver, &elem));
	CHECK(!run(INFLATE, 65536));
	CHECK(is_gone(FIRST + 4));
	CHECK(ring_take(&driver, &elem));
}

TEST(pages_that_leave_the_balloon_cost_nothing)
{
	static const uint32_t pfn[] = {FIRST};
	struct vring_used_elem elem;

	start(DEFLATE);
	offer_numbers(pfn, 1);
	CHECK(!run(DEFLATE, 0));
	CHECK(!is_gone(FIRST));
	CHECK(ring_take(&driver, &elem));
}

TEST(free_pages_are_the_buffer_itself)
{
	start(REPORTING);
	*ring_desc(&driver, RING_DESC, 0) = (struct vring_desc){
		PAGE(FIRST), PAGE(3), VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	CHECK(!run(REPORTING, 65536));
	CHECK(is_gone(FIRST) && is_gone(FIRST + 2) && !is_gone(FIRST + 3));
	CHECK_EQ(balloon.reported, 3);
	CHECK(!broken());
}

TEST(pages_outside_of_ram_break_the_device)
{
	static const uint32_t pfn[] = {UINT32_MAX};

	start(INFLATE);
	offer_numbers(pfn, 1);
	CHECK(!run(INFLATE, 65536));
	CHECK(broken());
	start(REPORTING);
	*ring_desc(&driver, RING_DESC, 0) = (struct vring_desc){
		PAGE(FIRST) + 1, PAGE(1), VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	CHECK(!run(REPORTING, 65536));
	CHECK(broken());
	CHECK(!is_gone(FIRST));
}

TEST(the_target_is_told_and_the_driver_answers)
{
	uint32_t word = 0;

	start(INFLATE);
	balloon.dev.isr = 0;
	virtio_balloon_set(&balloon, 77);
	CHECK_EQ(balloon.dev.isr, VIRTIO_ISR_CONFIG);
	virtio_read_config(&balloon.dev, 0, &word, sizeof(word));
	CHECK_EQ(word, 77);
	word = 76;
	virtio_write_config(&balloon.dev, 4, &word, sizeof(word));
	CHECK_EQ(virtio_balloon_pages(&balloon), 76);
	/* The target is not the driver's to change. */
	virtio_write_config(&balloon.dev, 0, &word, sizeof(word));
	virtio_read_config(&balloon.dev, 0, &word, sizeof(word));
	CHECK_EQ(word, 77);
	virtio_set_status(&balloon.dev, 0);
	CHECK_EQ(virtio_balloon_pages(&balloon), 0);
}

TAP_MAIN(CASE(pages_of_the_balloon_are_discarded),
	CASE(the_budget_is_kept_and_the_rest_done_later),
	CASE(pages_that_leave_the_balloon_cost_nothing),
	CASE(free_pages_are_the_buffer_itself),
	CASE(pages_outside_of_ram_break_the_device),
	CASE(the_target_is_told_and_the_driver_answers))
