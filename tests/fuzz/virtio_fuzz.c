/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile driver: whatever it writes into registers, rings and buffers, a
 * device neither crashes nor loops nor reaches outside of guest memory.
 *
 * The input is a program of operations (see enum op) on one device behind
 * virtio-mmio or virtio-pci.  Guest memory is 4 KiB repeated over the address
 * space, so that random addresses mostly hit something, with holes.
 */
/* link: virtio/virtq.c virtio/device.c virtio/blk.c virtio/rng.c virtio/balloon.c virtio/console.c virtio/limit.c virtio/net.c virtio/mmio.c virtio/pci.c tests/unit/blockmem.c tests/unit/netmem.c */
#include <assert.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "tests/unit/blockmem.h"
#include "tests/unit/netmem.h"
#include "virtio/balloon.h"
#include "virtio/blk.h"
#include "virtio/console.h"
#include "virtio/mmio.h"
#include "virtio/net.h"
#include "virtio/pci.h"
#include "virtio/rng.h"

#define RAM_SIZE 4096u
#define HOLE UINT64_C(0x100000000) /* nothing from here on */
#define STEPS_MAX 512u
#define RUNS_MAX 64u /* of a device that always has more work */

struct guestmem {
	/* Twice the size: an access that begins in RAM ends in it. */
	uint8_t bytes[2 * RAM_SIZE];
};

static bool inside(gpa_t gpa, size_t len)
{
	return gpa.addr < HOLE && len <= RAM_SIZE;
}

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(dst, gm->bytes + gpa.addr % RAM_SIZE, len);
	return 0;
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(gm->bytes + gpa.addr % RAM_SIZE, src, len);
	return 0;
}

int guestmem_iov(struct guestmem *gm, gpa_t gpa, size_t len, bool device_writes,
	struct iovec *iov)
{
	(void)device_writes;
	if (!inside(gpa, len))
		return -EFAULT;
	*iov = (struct iovec){gm->bytes + gpa.addr % RAM_SIZE, len};
	return 0;
}

void guestmem_iov_done(struct guestmem *gm, const struct iovec *iov, int nr)
{
	(void)gm;
	(void)iov;
	(void)nr;
}

int guestmem_discard(struct guestmem *gm, gpa_t gpa, size_t len)
{
	if (!inside(gpa, len) || (gpa.addr | len) % 4096)
		return -EFAULT;
	memset(gm->bytes + gpa.addr % RAM_SIZE, 0, len);
	return 0;
}

void console_write(struct console *con, const void *bytes, size_t len)
{
	volatile uint8_t sum = 0;

	(void)con;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
}

/* Always the same: libFuzzer calls thousands of times a second. */
static struct guestmem memory;
static struct block image;
static struct virtio_blk blk;
static struct virtio_rng rng;
static struct virtio_balloon balloon;
static struct virtio_console con;
static struct net network;
static struct virtio_net net;
static struct virtio_mmio mmio;
static struct virtio_pci pci;

enum op {
	OP_REGISTER_WRITE,
	OP_REGISTER_READ,
	OP_MEMORY,     /* some bytes of guest memory */
	OP_DESCRIPTOR, /* a plausible one */
	OP_OFFER,      /* a head on the available ring */
	OP_REQUEST,    /* a plausible virtio-blk request, offered */
	OP_RUN,
	OP_WORKER, /* the block worker finishes */
	OP_INPUT,  /* somebody types */
	OP_NET,	   /* frames come in, there is room for others, time passes */
	OP_START,  /* what a driver does up to DRIVER_OK */
	OP_NR,
};

static void access_device(struct input *in, bool is_write)
{
	uint64_t where = take(in, 2);
	uint64_t value = take(in, 4);
	uint8_t data[8] = {0};
	unsigned len = 1u << (where >> 14);

	memcpy(data, &value, sizeof(value));
	if (where & 0x1000)
		virtio_mmio_access(
			&mmio, where % VIRTIO_MMIO_SIZE, data, len, is_write);
	else if (where & 0x2000)
		virtio_pci_window(&pci, data, len < 4 ? len : 4, is_write);
	else
		virtio_pci_access(&pci, where >> 9 & 1, where & 0x1ff, data,
			len, is_write);
}

static void write_memory(struct input *in)
{
	uint64_t at = take(in, 2) % RAM_SIZE;
	uint64_t value = take(in, 8);

	memcpy(memory.bytes + at, &value, sizeof(value));
}

static void put(uint64_t gpa, const void *bytes, size_t len)
{
	memcpy(memory.bytes + gpa % RAM_SIZE, bytes, len);
}

static void put_descriptor(
	const struct virtq *vq, uint64_t i, struct vring_desc d)
{
	put(vq->desc.addr + sizeof(d) * i, &d, sizeof(d));
}

static void write_descriptor(struct input *in)
{
	struct virtq *vq = &mmio.dev->queue[0];
	uint64_t i = take(in, 1) % VIRTQ_SIZE_MAX;
	struct vring_desc d = {
		.addr = take(in, 2),
		.len = (uint32_t)take(in, 2),
		.flags = take(in, 1) & 7,
		.next = (uint16_t)(take(in, 1) % VIRTQ_SIZE_MAX),
	};

	put_descriptor(vq, i, d);
}

static void offer(unsigned q, uint16_t head)
{
	struct virtq *vq = &mmio.dev->queue[q];
	uint16_t idx;

	if (vq->size == 0)
		return;
	memcpy(&idx, memory.bytes + (vq->driver.addr + 2) % RAM_SIZE, 2);
	put(vq->driver.addr + 4 + 2u * (idx % vq->size), &head, 2);
	idx++;
	put(vq->driver.addr + 2, &idx, 2);
}

/* Descriptors 0..2: header, data, status, each a little wrong at times. */
static void write_request(struct input *in)
{
	struct virtq *vq = &mmio.dev->queue[0];
	uint64_t bits = take(in, 2);
	uint32_t len = (uint32_t)take(in, 2);
	struct virtio_blk_outhdr header = {
		.type = (uint32_t)(bits & 15),
		.sector = bits >> 4 & 31,
	};
	bool write = header.type == VIRTIO_BLK_T_OUT;

	put(0x900, &header, sizeof(header));
	put_descriptor(vq, 0,
		(struct vring_desc){0x900, (bits >> 9 & 1) ? 16 : 20,
			VRING_DESC_F_NEXT, 1});
	put_descriptor(vq, 1,
		(struct vring_desc){0xa00, len & 0xe00,
			(uint16_t)(VRING_DESC_F_NEXT |
				   (write ? 0 : VRING_DESC_F_WRITE)),
			2});
	put_descriptor(vq, 2,
		(struct vring_desc){
			0xff0, bits >> 10 & 3, VRING_DESC_F_WRITE, 0});
	offer(0, 0);
}

static void run(struct virtio_device *dev)
{
	for (unsigned i = 0; i < RUNS_MAX; i++) {
		struct virtio_budget budget = {64, 65536, 0};

		if (!virtio_run(dev, &budget))
			return;
		/* The budget ended it, and nothing else. */
		assert(budget.descriptors == 0 || budget.bytes < 8192);
	}
}

static void start(struct virtio_device *dev)
{
	virtio_set_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_set_status(dev, VIRTIO_CONFIG_S_DRIVER);
	virtio_accept(dev, 0, (uint32_t)dev->features);
	virtio_accept(dev, 1, (uint32_t)(dev->features >> 32));
	virtio_set_status(dev, VIRTIO_CONFIG_S_FEATURES_OK);
	for (unsigned q = 0; q < dev->type->nr_queues; q++) {
		struct virtq *vq = &dev->queue[q];

		if (!vq->ready) {
			vq->desc.addr = 0x0 + q * 0x800u;
			vq->driver.addr = 0x400 + q * 0x800u;
			vq->device.addr = 0x600 + q * 0x800u;
		}
		virtio_enable_queue(dev, q);
	}
	virtio_set_status(dev, VIRTIO_CONFIG_S_DRIVER_OK);
}

static void step(struct virtio_device *dev, struct input *in)
{
	struct virtio_budget budget = {64, 65536, 0};

	switch (take(in, 1) % OP_NR) {
	case OP_REGISTER_WRITE:
		access_device(in, true);
		break;
	case OP_REGISTER_READ:
		access_device(in, false);
		break;
	case OP_MEMORY:
		write_memory(in);
		break;
	case OP_DESCRIPTOR:
		write_descriptor(in);
		break;
	case OP_OFFER:
		offer((unsigned)take(in, 1) % dev->type->nr_queues,
			(uint16_t)take(in, 1));
		break;
	case OP_REQUEST:
		write_request(in);
		break;
	case OP_RUN:
		virtio_notify(dev, (uint32_t)take(in, 1) % 3);
		run(dev);
		break;
	case OP_WORKER:
		blockmem_work(&image);
		if (dev == &blk.dev)
			virtio_blk_poll(&blk, &budget);
		break;
	case OP_INPUT:
		if (dev == &con.dev)
			virtio_console_input(&con, "typed", 5);
		break;
	case OP_NET:
		network.nr_waiting = (unsigned)take(in, 1) % 8;
		network.waiting_len =
			NET_FRAME_MIN + take(in, 2) % NET_FRAME_MAX;
		network.room = (unsigned)take(in, 1) % 8;
		budget.now_ns = take(in, 3);
		virtio_resume(dev, budget.now_ns);
		if (dev == &net.dev)
			virtio_net_poll(&net, &budget);
		break;
	case OP_START:
		start(dev);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[VIRTIO_RNG_SEED_SIZE] = {1};
	static const struct virtio_blk_rates rates = {
		{[VIRTIO_BLK_BYTES] = {{100000, 5000}},
			[VIRTIO_BLK_WRITES] = {{10, 3}, {100, 1}}}};
	static const uint8_t mac[VIRTIO_NET_MAC_SIZE] = {2};
	static const struct limit_rate limit[LIMIT_BUCKETS] = {{1000000, 5000}};
	struct virtio_device *device[] = {
		&blk.dev, &rng.dev, &con.dev, &balloon.dev, &net.dev};
	struct input in = {data, size};
	struct virtio_device *dev;

	memset(&memory, 0, sizeof(memory));
	memset(&image, 0, sizeof(image));
	virtio_blk_init(&blk, &memory, &image, "fuzz", &rates);
	virtio_rng_init(&rng, &memory, seed);
	virtio_balloon_init(&balloon, &memory, true);
	virtio_balloon_set(&balloon, 100);
	virtio_console_init(&con, &memory, (struct console *)&image);
	memset(&network, 0, sizeof(network));
	virtio_net_init(&net, &memory, &network, mac, limit, limit);
	dev = device[take(&in, 1) % (sizeof(device) / sizeof(device[0]))];
	mmio = (struct virtio_mmio){.dev = dev};
	virtio_pci_init(&pci, dev, 0xe0000000, 0xc000, 10);

	for (unsigned i = 0; i < STEPS_MAX && in.left; i++)
		step(dev, &in);
	return 0;
}
