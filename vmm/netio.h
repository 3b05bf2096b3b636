/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks of domains: a file descriptor that reads and writes whole frames.
 *
 * Two kinds.  User networking: a socket to hyperhurd-net, a process beside the
 * VMM, one for each interface, in which libslirp is the rest of the network;
 * a domain can break that process and no more.  TAP: an interface of the host
 * that somebody has made.
 *
 * Executors read and write by themselves, without waiting, in the time of
 * whoever runs the domain; the host's kernel keeps what is not read yet, and
 * drops what is too much.  One thread waits for all networks and says which
 * can go on.
 */
#ifndef VMM_NETIO_H
#define VMM_NETIO_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio/backend.h"

#define NET_FORWARDS_MAX 8

/* A port of this machine that leads to one of the guest. */
struct net_forward {
	bool is_udp;
	uint32_t host_address; /* IPv4, host byte order; 0: any */
	uint16_t host_port;
	uint16_t guest_port;
};

enum net_kind {
	NET_USER = 1,
	NET_TAP = 2,
};

struct net_config {
	enum net_kind kind;
	const char *tap;		   /* NET_TAP: name of the interface */
	const struct net_forward *forward; /* NET_USER */
	unsigned nr_forwards;		   /* 0..NET_FORWARDS_MAX */
};

struct net_error {
	char text[160]; /* one line */
};

/**
 * netio_start - start the thread that waits.
 *
 * Returns 0 or -errno.  To be called once, before any machine exists.
 */
NODISCARD int netio_start(void);

/** netio_stop - end it.  No network is open any more. */
void netio_stop(void);

/**
 * net_open - connect to a network.
 * @net:     OUT
 * @wake_fd: eventfd that is written when net_readable() or, after -EAGAIN,
 *           net_writable() became true
 * @error:   OUT, set if the result is not 0
 *
 * Blocks until hyperhurd-net is ready.  Returns 0, or -errno of starting it or
 * of opening the interface: -ENODEV if there is none of that name, -EPERM if
 * this user may not use it, -EIO if hyperhurd-net has refused and said why.
 */
NODISCARD int net_open(struct net **net, const struct net_config *config,
	int wake_fd, struct net_error *error);

/** net_close - disconnect, and end the process.  NULL does nothing. */
void net_close(struct net *net);

/**
 * net_helper_ns - CPU time that its process has used, all in all.
 */
uint64_t net_helper_ns(const struct net *net);

#endif
