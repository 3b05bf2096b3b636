/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-net, seen from a driver.
 */
/* link: virtio/virtq.c virtio/device.c virtio/limit.c virtio/net.c tests/unit/flatmem.c tests/unit/ringdriver.c tests/unit/netmem.c */
#include <errno.h>
#include <linux/virtio_config.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/netmem.h"
#include "tests/unit/ringdriver.h"
#include "virtio/net.h"

#define RECEIVE 0u
#define TRANSMIT 1u
#define BUFFER RING_DATA
#define HEADER 12u
#define FRAME 100u
#define NS_PER_S UINT64_C(1000000000)

static struct guestmem memory;
static struct net network;
static struct virtio_net net;
static struct ring_driver driver;
static uint64_t now_ns;

static const uint8_t mac[VIRTIO_NET_MAC_SIZE] = {0x52, 0x54, 0, 1, 2, 3};
static const struct limit_rate no_limit[LIMIT_BUCKETS];

static void start_limited(unsigned queue, const struct limit_rate *limit)
{
	network = (struct net){.room = 1000};
	now_ns = NS_PER_S;
	virtio_net_init(&net, &memory, &network, mac, limit, limit);
	ring_setup(&driver, &net.dev, queue, 0);
}

static void start(unsigned queue)
{
	start_limited(queue, no_limit);
}

static void poll_with(unsigned descriptors, size_t bytes)
{
	struct virtio_budget budget = {descriptors, bytes, now_ns};

	virtio_net_poll(&net, &budget);
}

static void poll_net(void)
{
	poll_with(64, 65536);
}

static bool broken(void)
{
	return net.dev.status & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* One buffer of @len bytes, header included, in descriptor @i. */
static void offer(unsigned queue, uint16_t i, uint32_t len)
{
	uint16_t flags = queue == RECEIVE ? VRING_DESC_F_WRITE : 0;

	*ring_desc(&driver, RING_DESC, i) =
		(struct vring_desc){BUFFER + 0x800u * i, len, flags, 0};
	ring_offer(&driver, i);
	virtio_notify(&net.dev, queue);
}

static void transmit(uint32_t len)
{
	memset(memory.bytes + BUFFER, 0, HEADER);
	memset(memory.bytes + BUFFER + HEADER, 0x77, 0x800 - HEADER);
	offer(TRANSMIT, 0, len);
	poll_net();
}

TEST(the_driver_reads_address_and_link)
{
	struct virtio_net_config config;

	start(TRANSMIT);
	virtio_read_config(&net.dev, 0, &config, sizeof(config));
	CHECK(!memcmp(config.mac, mac, sizeof(mac)));
	CHECK_EQ(config.status, VIRTIO_NET_S_LINK_UP);
	CHECK_EQ(virtio_features(&net.dev, 0) & 0xffffff,
		1u << VIRTIO_NET_F_MAC | 1u << VIRTIO_NET_F_STATUS);
}

TEST(a_frame_goes_out_without_its_header)
{
	struct vring_used_elem elem;

	start(TRANSMIT);
	transmit(HEADER + FRAME);
	CHECK_EQ(network.nr_sent, 1);
	CHECK_EQ(network.sent_len, FRAME);
	CHECK_EQ(network.sent[0], 0x77);
	CHECK_EQ(network.sent[FRAME - 1], 0x77);
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, 0);
	CHECK_EQ(net.sent.frames, 1);
	CHECK_EQ(net.sent.bytes, FRAME);
}

TEST(a_frame_in_two_pieces_is_one)
{
	start(TRANSMIT);
	memset(memory.bytes + BUFFER, 0, HEADER);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){BUFFER, HEADER, VRING_DESC_F_NEXT, 1};
	*ring_desc(&driver, RING_DESC, 1) =
		(struct vring_desc){BUFFER + 0x800, FRAME, 0, 0};
	ring_offer(&driver, 0);
	virtio_notify(&net.dev, TRANSMIT);
	poll_net();
	CHECK_EQ(network.sent_len, FRAME);
}

TEST(frames_of_impossible_length_are_dropped_and_counted)
{
	struct vring_used_elem elem;

	start(TRANSMIT);
	transmit(HEADER + NET_FRAME_MIN - 1);
	transmit(HEADER + NET_FRAME_MAX + 1);
	transmit(HEADER);
	CHECK_EQ(network.nr_sent, 0);
	CHECK_EQ(net.sent.dropped, 3);
	transmit(HEADER + NET_FRAME_MAX);
	transmit(HEADER + NET_FRAME_MIN);
	CHECK_EQ(network.nr_sent, 2);
	for (unsigned i = 0; i < 5; i++)
		CHECK(ring_take(&driver, &elem));
	CHECK(!broken());
}

TEST(offloads_that_were_not_offered_are_dropped)
{
	start(TRANSMIT);
	offer(TRANSMIT, 0, HEADER + FRAME);
	memory.bytes[BUFFER] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	poll_net();
	memory.bytes[BUFFER] = 0;
	memory.bytes[BUFFER + 1] = VIRTIO_NET_HDR_GSO_TCPV4;
	offer(TRANSMIT, 0, HEADER + FRAME);
	poll_net();
	CHECK_EQ(network.nr_sent, 0);
	CHECK_EQ(net.sent.dropped, 2);
}

TEST(a_frame_without_header_or_that_may_be_written_breaks_the_device)
{
	start(TRANSMIT);
	transmit(HEADER - 1);
	CHECK(broken());
	start(TRANSMIT);
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){BUFFER, HEADER, VRING_DESC_F_NEXT, 1};
	*ring_desc(&driver, RING_DESC, 1) = (struct vring_desc){
		BUFFER + 0x800, FRAME, VRING_DESC_F_WRITE, 0};
	ring_offer(&driver, 0);
	virtio_notify(&net.dev, TRANSMIT);
	poll_net();
	CHECK(broken());
	CHECK_EQ(network.nr_sent, 0);
}

TEST(a_frame_waits_until_the_back_end_has_room)
{
	struct vring_used_elem elem;

	start(TRANSMIT);
	network.room = 0;
	transmit(HEADER + FRAME);
	CHECK(!ring_take(&driver, &elem));
	CHECK(!virtio_net_has_work(&net));
	network.room = 1;
	CHECK(virtio_net_has_work(&net));
	poll_net();
	CHECK_EQ(network.nr_sent, 1);
	CHECK(ring_take(&driver, &elem));
	CHECK_EQ(net.sent.dropped, 0);
}

TEST(a_frame_that_the_back_end_loses_is_counted)
{
	struct vring_used_elem elem;

	start(TRANSMIT);
	network.result = -EPIPE;
	transmit(HEADER + FRAME);
	CHECK(ring_take(&driver, &elem));
	CHECK_EQ(net.sent.dropped, 1);
	CHECK_EQ(net.sent.frames, 0);
}

TEST(a_frame_comes_in_behind_a_header)
{
	struct vring_used_elem elem;

	start(RECEIVE);
	network.nr_waiting = 1;
	network.waiting_len = FRAME;
	network.waiting_byte = 0x33;
	CHECK(!virtio_net_has_work(&net));
	memset(memory.bytes + BUFFER, 0x55, 0x800);
	offer(RECEIVE, 0, 0x600);
	poll_net();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, HEADER + FRAME);
	CHECK_EQ(memory.bytes[BUFFER], 0);
	CHECK_EQ(memory.bytes[BUFFER + 10], 1); /* num_buffers */
	CHECK_EQ(memory.bytes[BUFFER + HEADER], 0x33);
	CHECK_EQ(memory.bytes[BUFFER + HEADER + FRAME - 1], 0x33);
	CHECK_EQ(memory.bytes[BUFFER + HEADER + FRAME], 0x55);
	CHECK_EQ(net.received.frames, 1);
}

TEST(no_frame_is_taken_without_a_buffer_but_the_one_in_hand)
{
	struct vring_used_elem elem;

	start(RECEIVE);
	network.nr_waiting = 5;
	network.waiting_len = FRAME;
	offer(RECEIVE, 0, 0x600);
	poll_net();
	CHECK_EQ(network.nr_waiting, 3);
	CHECK(!virtio_net_has_work(&net));
	CHECK(ring_take(&driver, &elem));
	CHECK(!ring_take(&driver, &elem));
	offer(RECEIVE, 0, 0x600);
	poll_net();
	CHECK_EQ(network.nr_waiting, 2);
	CHECK_EQ(net.received.frames, 2);
}

TEST(what_does_not_fit_a_buffer_is_dropped)
{
	struct vring_used_elem elem;

	start(RECEIVE);
	network.nr_waiting = 1;
	network.waiting_len = FRAME;
	offer(RECEIVE, 0, HEADER + FRAME - 1);
	poll_net();
	REQUIRE(ring_take(&driver, &elem));
	CHECK_EQ(elem.len, HEADER);
	CHECK_EQ(net.received.dropped, 1);
	network.nr_waiting = 1;
	network.waiting_len = NET_FRAME_MAX + 1;
	offer(RECEIVE, 0, 0x700);
	poll_net();
	CHECK_EQ(net.received.dropped, 2);
	CHECK(!ring_take(&driver, &elem));
	CHECK(!broken());
}

TEST(a_buffer_that_may_be_read_or_without_header_breaks_the_device)
{
	start(RECEIVE);
	network.nr_waiting = 1;
	network.waiting_len = FRAME;
	offer(RECEIVE, 0, HEADER - 1);
	poll_net();
	CHECK(broken());
	start(RECEIVE);
	network.nr_waiting = 1;
	network.waiting_len = FRAME;
	*ring_desc(&driver, RING_DESC, 0) =
		(struct vring_desc){BUFFER, 0x600, 0, 0};
	ring_offer(&driver, 0);
	virtio_notify(&net.dev, RECEIVE);
	poll_net();
	CHECK(broken());
}

TEST(a_budget_ends_a_step_and_the_rest_follows)
{
	start(TRANSMIT);
	for (uint16_t i = 0; i < RING_SIZE; i++)
		offer(TRANSMIT, i, HEADER + FRAME);
	poll_with(64, 1);
	CHECK_EQ(network.nr_sent, 1);
	CHECK(net.dev.work != 0);
	poll_with(2, 65536);
	CHECK_EQ(network.nr_sent, 3);
	poll_net();
	CHECK_EQ(network.nr_sent, 5); /* system calls, each */
	for (unsigned i = 0; i < 2; i++)
		poll_net();
	CHECK_EQ(network.nr_sent, RING_SIZE);
	CHECK(net.dev.work == 0);
}

/* 1000 bytes a second, one frame of 100 at once. */
static const struct limit_rate slow[LIMIT_BUCKETS] = {{1000, FRAME}};

TEST(the_outbound_limit_holds_frames_back)
{
	start_limited(TRANSMIT, slow);
	offer(TRANSMIT, 0, HEADER + FRAME);
	offer(TRANSMIT, 1, HEADER + FRAME);
	poll_net();
	CHECK_EQ(network.nr_sent, 1);
	CHECK_EQ(net.dev.resume_ns, now_ns + NS_PER_S / 10);
	CHECK(!virtio_net_has_work(&net));
	CHECK(!virtio_resume(&net.dev, now_ns));
	now_ns = net.dev.resume_ns;
	CHECK(virtio_resume(&net.dev, now_ns));
	poll_net();
	CHECK_EQ(network.nr_sent, 2);
	CHECK_EQ(net.dev.resume_ns, VIRTIO_NEVER);
}

TEST(the_inbound_limit_holds_frames_back)
{
	start_limited(RECEIVE, slow);
	network.nr_waiting = 3;
	network.waiting_len = FRAME;
	offer(RECEIVE, 0, 0x600);
	offer(RECEIVE, 1, 0x600);
	poll_net();
	CHECK_EQ(net.received.frames, 1);
	CHECK_EQ(net.dev.resume_ns, now_ns + NS_PER_S / 10);
	CHECK(!virtio_net_has_work(&net));
	now_ns = net.dev.resume_ns;
	CHECK(virtio_resume(&net.dev, now_ns));
	poll_net();
	CHECK_EQ(net.received.frames, 2);
}

TEST(reset_forgets_what_is_in_hand)
{
	start(TRANSMIT);
	network.room = 0;
	transmit(HEADER + FRAME);
	CHECK(net.tx_held);
	virtio_set_status(&net.dev, 0);
	CHECK_EQ(virtio_status(&net.dev), 0);
	network.room = 1;
	CHECK(!virtio_net_has_work(&net));
	poll_net();
	CHECK_EQ(network.nr_sent, 0);
}

TAP_MAIN(CASE(the_driver_reads_address_and_link),
	CASE(a_frame_goes_out_without_its_header),
	CASE(a_frame_in_two_pieces_is_one),
	CASE(frames_of_impossible_length_are_dropped_and_counted),
	CASE(offloads_that_were_not_offered_are_dropped),
	CASE(a_frame_without_header_or_that_may_be_written_breaks_the_device),
	CASE(a_frame_waits_until_the_back_end_has_room),
	CASE(a_frame_that_the_back_end_loses_is_counted),
	CASE(a_frame_comes_in_behind_a_header),
	CASE(no_frame_is_taken_without_a_buffer_but_the_one_in_hand),
	CASE(what_does_not_fit_a_buffer_is_dropped),
	CASE(a_buffer_that_may_be_read_or_without_header_breaks_the_device),
	CASE(a_budget_ends_a_step_and_the_rest_follows),
	CASE(the_outbound_limit_holds_frames_back),
	CASE(the_inbound_limit_holds_frames_back),
	CASE(reset_forgets_what_is_in_hand))
