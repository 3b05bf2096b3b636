/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtqueues, seen from a driver: what is legal works, with event index and
 * indirect descriptors; what is not makes the device ask for a reset.
 */
/* link: virtio/virtq.c virtio/device.c virtio/rng.c tests/unit/flatmem.c tests/unit/ringdriver.c */
#include <linux/virtio_config.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/ringdriver.h"
#include "virtio/rng.h"

#define EVENT_IDX (UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT (UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC)

static struct guestmem memory;
static struct virtio_rng rng;
static struct ring_driver driver;

static void start(uint64_t features)
{
	uint8_t seed[VIRTIO_RNG_SEED_SIZE] = {1};

	virtio_rng_init(&rng, &memory, seed);
	ring_setup(&driver, &rng.dev, 0, features);
}

static void run(void)
{
	struct virtio_budget budget = {64, 65536, 0};

	virtio_notify(&rng.dev, 0);
	virtio_run(&rng.dev, &budget);
}

static bool broken(void)
{
	return rng.dev.status & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static void buffer(uint16_t i, uint32_t len, uint16_t flags, uint16_t next)
{
	*ring_desc(&driver, RING_DESC, i) =
		(struct vring_desc){RING_DATA + i * 256u, len, flags, next};
}

TEST(a_buffer_is_filled_and_returned)
{
	struct vring_used_elem elem;

	start(0);
	buffer(3, 32, VRING_DESC_F_WRITE, 0);
	ring_offer(&driver, 3);
	run();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.id, 3);
	CHECK_EQ(elem.len, 32);
	CHECK(memcmp(memory.bytes + RING_DATA + 3 * 256, memory.bytes, 32));
	CHECK_EQ(memory.bytes[RING_DATA + 3 * 256 + 32], 0);
	CHECK(rng.dev.isr & VIRTIO_ISR_QUEUE);
	CHECK(!ring_take(&driver, &elem));
}

TEST(a_chain_is_filled_segment_by_segment)
{
	struct vring_used_elem elem;

	start(0);
	buffer(0, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 5);
	buffer(5, 0, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
	buffer(2, 16, VRING_DESC_F_WRITE, 0);
	ring_offer(&driver, 0);
	run();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, 32);
	CHECK(memory.bytes[RING_DATA + 2 * 256 + 15] |
		memory.bytes[RING_DATA + 2 * 256 + 14]);
}

TEST(the_ring_wraps_many_times)
{
	struct vring_used_elem elem;

	start(EVENT_IDX);
	for (unsigned n = 0; n < 70000; n++) {
		buffer((uint16_t)(n % RING_SIZE), 1, VRING_DESC_F_WRITE, 0);
		ring_offer(&driver, (uint16_t)(n % RING_SIZE));
		run();
		REQUIRE(ring_take(&driver, &elem));
		REQUIRE(elem.id == n % RING_SIZE);
	}
	CHECK(!broken());
}

TEST(an_indirect_table_is_one_buffer)
{
	struct vring_used_elem elem;

	start(INDIRECT);
	*ring_desc(&driver, RING_DESC, 1) = (struct vring_desc){RING_TABLE,
		2 * sizeof(struct vring_desc), VRING_DESC_F_INDIRECT, 0};
	*ring_desc(&driver, RING_TABLE, 0) = (struct vring_desc){
		RING_DATA, 8, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1};
	*ring_desc(&driver, RING_TABLE, 1) =
		(struct vring_desc){RING_DATA + 64, 8, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 1);
	run();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.id, 1);
	CHECK_EQ(elem.len, 16);
}

TEST(with_event_index_only_the_wanted_buffer_interrupts)
{
	struct vring_avail *avail;

	start(EVENT_IDX);
	avail = ring_avail(&driver);
	for (uint16_t i = 0; i < 3; i++)
		buffer(i, 1, VRING_DESC_F_WRITE, 0);
	avail->ring[RING_SIZE] = 2; /* used_event: tell me of the third */
	ring_offer(&driver, 0);
	run();
	/* The first after the start always interrupts. */
	CHECK(rng.dev.isr);
	rng.dev.isr = 0;
	ring_offer(&driver, 1);
	run();
	CHECK_EQ(rng.dev.isr, 0);
	ring_offer(&driver, 2);
	run();
	CHECK_EQ(rng.dev.isr, VIRTIO_ISR_QUEUE);
}

TEST(with_event_index_an_idle_device_asks_for_the_next_notification)
{
	start(EVENT_IDX);
	buffer(0, 1, VRING_DESC_F_WRITE, 0);
	ring_offer(&driver, 0);
	CHECK(ring_must_notify(&driver));
	run();
	ring_offer(&driver, 0);
	CHECK(ring_must_notify(&driver));
	/* It has not run since: once is enough. */
	ring_offer(&driver, 0);
	CHECK(!ring_must_notify(&driver));
}

TEST(a_driver_without_event_index_can_switch_interrupts_off)
{
	start(0);
	buffer(0, 1, VRING_DESC_F_WRITE, 0);
	ring_avail(&driver)->flags = VRING_AVAIL_F_NO_INTERRUPT;
	ring_offer(&driver, 0);
	run();
	CHECK_EQ(rng.dev.isr, 0);
	ring_avail(&driver)->flags = 0;
	ring_offer(&driver, 0);
	run();
	CHECK_EQ(rng.dev.isr, VIRTIO_ISR_QUEUE);
}

TEST(an_exhausted_budget_leaves_work)
{
	struct virtio_budget budget = {2, 65536, 0};
	struct vring_used_elem elem;

	start(0);
	for (uint16_t i = 0; i < 4; i++) {
		buffer(i, 1, VRING_DESC_F_WRITE, 0);
		ring_offer(&driver, i);
	}
	virtio_notify(&rng.dev, 0);
	CHECK(virtio_run(&rng.dev, &budget));
	CHECK(ring_take(&driver, &elem));
	CHECK(ring_take(&driver, &elem));
	CHECK(!ring_take(&driver, &elem));
	budget.descriptors = 64;
	CHECK(!virtio_run(&rng.dev, &budget));
	CHECK(ring_take(&driver, &elem));
	CHECK(ring_take(&driver, &elem));
}

TEST(a_head_out_of_range_breaks_the_device)
{
	start(0);
	ring_offer(&driver, RING_SIZE);
	run();
	CHECK(broken());
	CHECK_EQ(rng.dev.isr, VIRTIO_ISR_CONFIG);
}

TEST(a_next_out_of_range_breaks_the_device)
{
	start(0);
	buffer(0, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0xffff);
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
}

TEST(a_loop_breaks_the_device)
{
	start(0);
	buffer(0, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	buffer(1, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0);
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
}

TEST(more_entries_than_the_ring_has_break_the_device)
{
	start(0);
	buffer(0, 1, VRING_DESC_F_WRITE, 0);
	ring_avail(&driver)->idx = RING_SIZE + 1;
	run();
	CHECK(broken());
}

TEST(a_readable_segment_behind_a_writable_one_breaks_the_device)
{
	start(0);
	buffer(0, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	buffer(1, 1, 0, 0);
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
}

TEST(a_buffer_outside_of_ram_breaks_the_device)
{
	start(0);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){UINT64_MAX - 3, 64, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	run();
	CHECK(broken());
}

TEST(rings_outside_of_ram_break_the_device)
{
	start(0);
	rng.dev.queue[0].driver.addr = FLATMEM_SIZE - 2;
	run();
	CHECK(broken());
}

static void offer_table(uint32_t len, uint16_t flags)
{
	*ring_desc(&driver, RING_DESC, 0) = (struct vring_desc){
		RING_TABLE, len, (uint16_t)(VRING_DESC_F_INDIRECT | flags), 0};
	ring_offer(&driver, 0);
	run();
}

TEST(misshapen_indirect_tables_break_the_device)
{
	static const uint32_t bad_len[] = {0, 8, 24, 65 * 16, 0xfffffff0};

	for (unsigned i = 0; i < sizeof(bad_len) / sizeof(bad_len[0]); i++) {
		start(INDIRECT);
		offer_table(bad_len[i], 0);
		CHECK(broken());
	}
	start(INDIRECT);
	offer_table(16, VRING_DESC_F_NEXT);
	CHECK(broken());
	start(0); /* not negotiated */
	offer_table(16, 0);
	CHECK(broken());
}

TEST(a_table_inside_a_table_breaks_the_device)
{
	start(INDIRECT);
	*ring_desc(&driver, RING_TABLE, 0) =
		(struct vring_desc){RING_TABLE, 16, VRING_DESC_F_INDIRECT, 0};
	offer_table(16, 0);
	CHECK(broken());
}

TEST(a_loop_in_a_table_breaks_the_device)
{
	start(INDIRECT);
	*ring_desc(&driver, RING_TABLE, 0) = (struct vring_desc){
		RING_DATA, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 0};
	offer_table(16, 0);
	CHECK(broken());
}

TEST(a_broken_device_rests_till_reset)
{
	struct vring_used_elem elem;

	start(0);
	ring_offer(&driver, RING_SIZE);
	run();
	CHECK(broken());
	buffer(0, 1, VRING_DESC_F_WRITE, 0);
	ring_offer(&driver, 0);
	run();
	CHECK(!ring_take(&driver, &elem));
	ring_setup(&driver, &rng.dev, 0, 0);
	CHECK(!broken());
	buffer(0, 1, VRING_DESC_F_WRITE, 0);
	ring_offer(&driver, 0);
	run();
	CHECK(ring_take(&driver, &elem));
}

TEST(features_that_were_not_offered_are_refused)
{
	start(UINT64_C(1) << 50);
	CHECK(!(rng.dev.status & VIRTIO_CONFIG_S_FEATURES_OK));
	CHECK(!(rng.dev.status & VIRTIO_CONFIG_S_DRIVER_OK));
}

TEST(a_queue_of_an_impossible_size_breaks_the_device)
{
	static const uint16_t bad[] = {0, 3, 128, 0x8000};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(0);
		virtq_reset(&rng.dev.queue[0]);
		rng.dev.queue[0].size = bad[i];
		virtio_enable_queue(&rng.dev, 0);
		CHECK(broken());
	}
}

/* RFC 8439, "Test Vector for the ChaCha20 Block Function". */
TEST(the_stream_is_chacha20)
{
	static const uint8_t wanted[] = {0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b,
		0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4};
	uint8_t seed[VIRTIO_RNG_SEED_SIZE];
	uint8_t out[VIRTIO_RNG_BLOCK];

	for (uint8_t i = 0; i < sizeof(seed); i++)
		seed[i] = i;
	virtio_rng_init(&rng, &memory, seed);
	rng.state[12] = 1;
	rng.state[13] = 0x09000000;
	rng.state[14] = 0x4a000000;
	virtio_rng_block(&rng, out);
	CHECK(memcmp(out, wanted, sizeof(wanted)) == 0);
}

TAP_MAIN(CASE(a_buffer_is_filled_and_returned),
	CASE(a_chain_is_filled_segment_by_segment),
	CASE(the_ring_wraps_many_times), CASE(an_indirect_table_is_one_buffer),
	CASE(with_event_index_only_the_wanted_buffer_interrupts),
	CASE(with_event_index_an_idle_device_asks_for_the_next_notification),
	CASE(a_driver_without_event_index_can_switch_interrupts_off),
	CASE(an_exhausted_budget_leaves_work),
	CASE(a_head_out_of_range_breaks_the_device),
	CASE(a_next_out_of_range_breaks_the_device),
	CASE(a_loop_breaks_the_device),
	CASE(more_entries_than_the_ring_has_break_the_device),
	CASE(a_readable_segment_behind_a_writable_one_breaks_the_device),
	CASE(a_buffer_outside_of_ram_breaks_the_device),
	CASE(rings_outside_of_ram_break_the_device),
	CASE(misshapen_indirect_tables_break_the_device),
	CASE(a_table_inside_a_table_breaks_the_device),
	CASE(a_loop_in_a_table_breaks_the_device),
	CASE(a_broken_device_rests_till_reset),
	CASE(features_that_were_not_offered_are_refused),
	CASE(a_queue_of_an_impossible_size_breaks_the_device),
	CASE(the_stream_is_chacha20))
