/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-blk, seen from a driver.
 */
/* link: virtio/virtq.c virtio/device.c virtio/blk.c virtio/limit.c tests/unit/flatmem.c tests/unit/ringdriver.c tests/unit/blockmem.c */
#include <errno.h>
#include <linux/virtio_config.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/blockmem.h"
#include "tests/unit/ringdriver.h"
#include "virtio/blk.h"

#define HEADER RING_DATA
#define DATA (RING_DATA + 0x1000u)
#define STATUS (RING_DATA + 0x7000u)
#define UNTOUCHED 0x55
#define NS_PER_S UINT64_C(1000000000)

static struct guestmem memory;
static struct block image;
static struct virtio_blk blk;
static struct ring_driver driver;

static uint64_t now_ns;

static void start_limited(bool read_only, const struct virtio_blk_rates *rates)
{
	memset(&image, 0, sizeof(image));
	image.read_only = read_only;
	now_ns = NS_PER_S;
	virtio_blk_init(&blk, &memory, &image, "a-disk", rates);
	ring_setup(&driver, &blk.dev, 0, 0);
	memory.bytes[STATUS] = UNTOUCHED;
}

static void start(bool read_only)
{
	start_limited(read_only, NULL);
}

static void run(void)
{
	struct virtio_budget budget = {64, 65536, now_ns};

	virtio_notify(&blk.dev, 0);
	virtio_run(&blk.dev, &budget);
}

static void finish(void)
{
	struct virtio_budget budget = {64, 65536, now_ns};

	blockmem_work(&image);
	virtio_blk_poll(&blk, &budget);
}

/* A request in descriptors 0..2: header, @len bytes of data, status. */
static void request(uint32_t type, uint64_t sector, uint32_t len)
{
	struct virtio_blk_outhdr header = {.type = type, .sector = sector};
	bool to_guest = type != VIRTIO_BLK_T_OUT;

	memcpy(memory.bytes + HEADER, &header, sizeof(header));
	*ring_desc(&driver, RING_DESC, 0) = (struct vring_desc){
		HEADER, sizeof(header), VRING_DESC_F_NEXT, len ? 1 : 2};
	*ring_desc(&driver, RING_DESC, 1) = (struct vring_desc){DATA, len,
		(uint16_t)(VRING_DESC_F_NEXT |
			   (to_guest ? VRING_DESC_F_WRITE : 0)),
		2};
	*ring_desc(&driver, RING_DESC, 2) =
		(struct vring_desc){STATUS, 1, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	run();
}

static bool broken(void)
{
	return blk.dev.status & VIRTIO_CONFIG_S_NEEDS_RESET;
}

TEST(a_read_gets_the_image)
{
	struct vring_used_elem elem;

	start(false);
	memset(image.bytes + 3 * BLOCK_SECTOR, 7, BLOCK_SECTOR);
	request(VIRTIO_BLK_T_IN, 3, BLOCK_SECTOR);
	CHECK(!ring_take(&driver, &elem));
	finish();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, BLOCK_SECTOR + 1);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	CHECK_EQ(memory.bytes[DATA], 7);
	CHECK_EQ(memory.bytes[DATA + BLOCK_SECTOR - 1], 7);
	CHECK_EQ(memory.bytes[DATA + BLOCK_SECTOR], 0);
}

TEST(a_write_changes_the_image)
{
	start(false);
	memset(memory.bytes + DATA, 9, 2 * BLOCK_SECTOR);
	request(VIRTIO_BLK_T_OUT, BLOCKMEM_SECTORS - 2, 2 * BLOCK_SECTOR);
	finish();
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	CHECK_EQ(image.bytes[sizeof(image.bytes) - 1], 9);
	CHECK_EQ(image.bytes[(BLOCKMEM_SECTORS - 2) * BLOCK_SECTOR - 1], 0);
}

TEST(the_last_sector_and_not_one_more)
{
	start(false);
	request(VIRTIO_BLK_T_IN, BLOCKMEM_SECTORS - 1, BLOCK_SECTOR);
	finish();
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	request(VIRTIO_BLK_T_IN, BLOCKMEM_SECTORS - 1, 2 * BLOCK_SECTOR);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_IOERR);
	memory.bytes[STATUS] = UNTOUCHED;
	request(VIRTIO_BLK_T_IN, UINT64_MAX, BLOCK_SECTOR);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_IOERR);
	CHECK(!broken());
}

TEST(half_a_sector_is_an_error)
{
	start(false);
	request(VIRTIO_BLK_T_IN, 0, BLOCK_SECTOR / 2);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_IOERR);
}

TEST(a_read_only_image_is_not_written)
{
	start(true);
	CHECK(blk.dev.features & UINT64_C(1) << VIRTIO_BLK_F_RO);
	request(VIRTIO_BLK_T_OUT, 0, BLOCK_SECTOR);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_IOERR);
	CHECK_EQ(image.nr_submitted, 0);
}

TEST(an_io_error_reaches_the_driver)
{
	struct vring_used_elem elem;

	start(false);
	image.result = -EIO;
	request(VIRTIO_BLK_T_IN, 0, BLOCK_SECTOR);
	finish();
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_IOERR);
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, 1);
}

TEST(flush_and_id_and_nonsense_are_answered)
{
	start(false);
	request(VIRTIO_BLK_T_FLUSH, 0, 0);
	CHECK_EQ(memory.bytes[STATUS], UNTOUCHED);
	finish();
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	request(VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	CHECK_STR((char *)memory.bytes + DATA, "a-disk");
	request(0xdead, 0, BLOCK_SECTOR);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_UNSUPP);
}

TEST(a_header_in_pieces_is_read)
{
	struct virtio_blk_outhdr header = {.type = VIRTIO_BLK_T_FLUSH};

	start(false);
	memcpy(memory.bytes + HEADER, &header, 5);
	memcpy(memory.bytes + DATA, (char *)&header + 5, sizeof(header) - 5);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){HEADER, 5, VRING_DESC_F_NEXT, 1};
	*ring_desc(&driver, RING_DESC, 1) = (struct vring_desc){
		DATA, sizeof(header) - 5, VRING_DESC_F_NEXT, 2};
	*ring_desc(&driver, RING_DESC, 2) =
		(struct vring_desc){STATUS, 1, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	run();
	finish();
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
}

TEST(a_request_without_header_or_status_breaks_the_device)
{
	start(false);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){HEADER, 8, VRING_DESC_F_NEXT, 1};
	*ring_desc(&driver, RING_DESC, 1) =
		(struct vring_desc){STATUS, 1, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
	start(false);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){HEADER, 512, 0, 0};
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
}

TEST(more_requests_than_slots_wait_their_turn)
{
	struct virtio_budget budget = {1000, 65536, now_ns};
	struct vring_used_elem elem;
	unsigned done = 0;

	/* The same three descriptors again and again: the ring has 8 entries,
	 * so the driver offers as fast as the device takes. */
	start(false);
	request(VIRTIO_BLK_T_IN, 0, BLOCK_SECTOR);
	for (unsigned i = 1; i < BLOCK_REQUESTS_MAX + 4; i++) {
		ring_offer(&driver, 0);
		run();
	}
	CHECK_EQ(image.nr_submitted, BLOCK_REQUESTS_MAX);
	blockmem_work(&image);
	virtio_blk_poll(&blk, &budget);
	CHECK_EQ(image.nr_submitted, 4);
	blockmem_work(&image);
	virtio_blk_poll(&blk, &budget);
	while (ring_take(&driver, &elem))
		done++;
	CHECK_EQ(done, BLOCK_REQUESTS_MAX + 4);
	CHECK_EQ(blk.nr_used, 0);
}

static struct virtio_blk_rates rate_of(
	enum virtio_blk_limit what, uint64_t rate, uint64_t burst)
{
	struct virtio_blk_rates rates = {0};

	rates.of[what][0] = (struct limit_rate){rate, burst};
	return rates;
}

/* How long the second of two equal requests has to wait; 0: not at all. */
static uint64_t second_waits(
	const struct virtio_blk_rates *rates, uint32_t type, uint32_t len)
{
	start_limited(false, rates);
	request(type, 0, len);
	finish();
	request(type, 0, len);
	if (image.nr_submitted == 1) {
		finish();
		return 0;
	}
	return blk.dev.resume_ns - now_ns;
}

TEST(each_limit_holds_back_what_it_is_for)
{
	static const struct {
		enum virtio_blk_limit what;
		bool read, write;
	} limit[] = {
		{VIRTIO_BLK_BYTES, true, true},
		{VIRTIO_BLK_BYTES_READ, true, false},
		{VIRTIO_BLK_BYTES_WRITTEN, false, true},
		{VIRTIO_BLK_REQUESTS, true, true},
		{VIRTIO_BLK_READS, true, false},
		{VIRTIO_BLK_WRITES, false, true},
	};

	for (unsigned i = 0; i < NR_VIRTIO_BLK_LIMITS; i++) {
		bool bytes = limit[i].what < VIRTIO_BLK_REQUESTS;
		struct virtio_blk_rates rates =
			rate_of(limit[i].what, bytes ? 10 * BLOCK_SECTOR : 10,
				bytes ? BLOCK_SECTOR : 1);

		CHECK_EQ(second_waits(&rates, VIRTIO_BLK_T_IN, BLOCK_SECTOR),
			limit[i].read ? NS_PER_S / 10 : 0);
		CHECK_EQ(second_waits(&rates, VIRTIO_BLK_T_OUT, BLOCK_SECTOR),
			limit[i].write ? NS_PER_S / 10 : 0);
		CHECK_EQ(second_waits(&rates, VIRTIO_BLK_T_FLUSH, 0), 0);
	}
}

TEST(a_request_that_waited_is_started_when_it_may)
{
	struct virtio_blk_rates rates = rate_of(VIRTIO_BLK_REQUESTS, 10, 1);

	CHECK_EQ(second_waits(&rates, VIRTIO_BLK_T_IN, BLOCK_SECTOR),
		NS_PER_S / 10);
	finish();
	CHECK_EQ(blk.read.requests, 1);
	now_ns = blk.dev.resume_ns;
	CHECK(virtio_resume(&blk.dev, now_ns));
	finish();
	finish();
	CHECK_EQ(blk.read.requests, 2);
	CHECK_EQ(blk.read.bytes, 2 * BLOCK_SECTOR);
	CHECK_EQ(memory.bytes[STATUS], VIRTIO_BLK_S_OK);
	CHECK_EQ(blk.dev.resume_ns, VIRTIO_NEVER);
}

TEST(reset_forgets_a_request_that_waits)
{
	struct virtio_blk_rates rates = rate_of(VIRTIO_BLK_REQUESTS, 10, 1);

	second_waits(&rates, VIRTIO_BLK_T_IN, BLOCK_SECTOR);
	virtio_set_status(&blk.dev, 0);
	CHECK_EQ(virtio_status(&blk.dev), 0);
	CHECK(!blk.held);
	CHECK_EQ(blk.dev.resume_ns, VIRTIO_NEVER);
}

TEST(what_a_dead_driver_has_told_of_happens)
{
	unsigned done = 0;
	struct vring_used_elem elem;

	start(false);
	memset(memory.bytes + DATA, 5, BLOCK_SECTOR);
	for (unsigned i = 0; i < BLOCK_REQUESTS_MAX + 4; i++)
		request(VIRTIO_BLK_T_OUT, 1, BLOCK_SECTOR);
	virtio_blk_finish(&blk);
	while (ring_take(&driver, &elem))
		done++;
	CHECK_EQ(done, BLOCK_REQUESTS_MAX + 4);
	CHECK_EQ(image.bytes[BLOCK_SECTOR], 5);
	CHECK_EQ(blk.nr_used, 0);
	virtio_blk_finish(&blk); /* nothing */
}

TEST(what_had_to_wait_happens_when_the_driver_is_dead)
{
	struct virtio_blk_rates rates = rate_of(VIRTIO_BLK_REQUESTS, 10, 1);
	struct vring_used_elem elem;

	CHECK_EQ(second_waits(&rates, VIRTIO_BLK_T_OUT, BLOCK_SECTOR),
		NS_PER_S / 10);
	memory.iovs = 0;
	virtio_blk_finish(&blk);
	CHECK(ring_take(&driver, &elem));
	CHECK(ring_take(&driver, &elem));
	CHECK(!blk.held);
	CHECK_EQ(blk.nr_used, 0);
	CHECK_EQ(memory.iovs, 1); /* taken when it began, not before */
}

TEST(reset_waits_for_requests_in_flight)
{
	struct vring_used_elem elem;

	start(false);
	request(VIRTIO_BLK_T_IN, 0, BLOCK_SECTOR);
	virtio_set_status(&blk.dev, 0);
	CHECK(virtio_status(&blk.dev) != 0);
	finish();
	CHECK_EQ(virtio_status(&blk.dev), 0);
	CHECK(!ring_take(&driver, &elem));
	CHECK_EQ(memory.bytes[STATUS], UNTOUCHED);
}

TAP_MAIN(CASE(a_read_gets_the_image), CASE(a_write_changes_the_image),
	CASE(the_last_sector_and_not_one_more), CASE(half_a_sector_is_an_error),
	CASE(a_read_only_image_is_not_written),
	CASE(an_io_error_reaches_the_driver),
	CASE(flush_and_id_and_nonsense_are_answered),
	CASE(a_header_in_pieces_is_read),
	CASE(a_request_without_header_or_status_breaks_the_device),
	CASE(more_requests_than_slots_wait_their_turn),
	CASE(each_limit_holds_back_what_it_is_for),
	CASE(a_request_that_waited_is_started_when_it_may),
	CASE(reset_forgets_a_request_that_waits),
	CASE(what_a_dead_driver_has_told_of_happens),
	CASE(what_had_to_wait_happens_when_the_driver_is_dead),
	CASE(reset_waits_for_requests_in_flight))
