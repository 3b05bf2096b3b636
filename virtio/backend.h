/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device types need from the host: a disk image, a network, a console.
 *
 * Owner: virtio; implemented by vmm (blockio.c, netio.c, console.c).  Fuzzers
 * link a flat array.  Nothing here blocks, but for block_drain.
 */
#ifndef VIRTIO_BACKEND_H
#define VIRTIO_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "virtio/virtq.h"

#define BLOCK_SECTOR 512u     /* bytes */
#define BLOCK_REQUESTS_MAX 16 /* submitted and not yet taken back, per image */

struct block;

enum block_op {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH,
};

/* Owned by the backend from block_submit() to block_completed(). */
struct block_request {
	enum block_op op;
	int nr_iov;
	int result;	      /* OUT: 0 or -errno */
	uint64_t offset;      /* bytes into the image */
	uint64_t len;	      /* bytes, the sum over iov */
	struct guestmem *mem; /* whose iov is, until it is done */
	struct iovec iov[VIRTQ_SIZE_MAX];
};

/** block_size - bytes in the image, a multiple of BLOCK_SECTOR. */
uint64_t block_size(const struct block *b);

/** block_read_only - true if the image may not be written. */
bool block_read_only(const struct block *b);

/**
 * block_submit - start a request.
 *
 * The caller has checked offset and len against block_size(), and has at most
 * BLOCK_REQUESTS_MAX requests out, for which there is always room.
 */
void block_submit(struct block *b, struct block_request *rq);

/** block_drain - carry out all that was submitted, by the caller. */
void block_drain(struct block *b);

/** block_completed - take back a request that is done, or NULL. */
struct block_request *block_completed(struct block *b);

/** block_has_completed - true if block_completed() has one.  Cheap. */
bool block_has_completed(const struct block *b);

struct net;

#define NET_FRAME_MIN 14   /* bytes: an Ethernet header */
#define NET_FRAME_MAX 1518 /* with a VLAN tag, without the check sequence */

/**
 * net_send - hand a frame over.
 * @len: NET_FRAME_MIN..NET_FRAME_MAX
 *
 * Returns 0, -EAGAIN: no room now, net_writable() says when there is; or
 * another -errno: the frame is lost.
 */
NODISCARD int net_send(struct net *net, const void *frame, size_t len);

/**
 * net_receive - take the next frame.
 * @frame: OUT, NET_FRAME_MAX bytes
 *
 * Returns its length, NET_FRAME_MIN..NET_FRAME_MAX, or -EAGAIN if there is
 * none, or -EMSGSIZE: one of another length is lost.
 */
NODISCARD int net_receive(struct net *net, void *frame);

/** net_readable - net_receive() is worth a call.  Cheap. */
bool net_readable(const struct net *net);

/** net_writable - net_send() is worth a call.  Cheap. */
bool net_writable(const struct net *net);

struct console;

/**
 * console_write - append output; never blocks.
 *
 * Callable by one thread at a time for each console (the domain's executor).
 */
void console_write(struct console *con, const void *bytes, size_t len);

#endif
