/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd-net: the rest of the network of one interface, by libslirp.
 *
 * Frames come and go over the socket that the VMM has given it, one a packet;
 * it ends when the VMM closes its end.  It answers DHCP, and passes on what
 * the guest sends as an ordinary user's sockets.  Ports are bound first; then
 * it gives up all privileges, and tells the VMM that it is ready.
 *
 * usage: hyperhurd-net [tcp|udp:ADDRESS:PORT:GUEST_PORT]...
 *
 * Source: libslirp.h of libslirp 4.7.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "vmm/confine.h"
#include "virtio/backend.h"

#define VMM_FD 3
#define FILES_MAX 1024 /* so many connections at a time, about */
#define MEMORY_MAX (256u << 20)
#define FRAMES_AT_ONCE 64
#define NICENESS 10
#define ADDRESS_TEXT 16

#define NETWORK 0x0a000200u /* 10.0.2.0/24, as everywhere */
#define NETMASK 0xffffff00u
#define ROUTER 2
#define NAMESERVER 3
#define GUEST 15

struct files {
	struct pollfd at[FILES_MAX];
	int nr;
};

static struct in_addr address(uint32_t host)
{
	return (struct in_addr){htonl(NETWORK | host)};
}

/* What the VMM has no room for is lost, as on a wire. */
static ssize_t send_frame(const void *frame, size_t len, void *opaque)
{
	(void)opaque;
	if (len <= NET_FRAME_MAX)
		(void)send(VMM_FD, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return (ssize_t)len;
}

/* The guest may do what it likes: no line on the terminal for it. */
static void ignore_error(const char *text, void *opaque)
{
	(void)text;
	(void)opaque;
}

static int64_t now_ns(void *opaque)
{
	struct timespec now;

	(void)opaque;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* All sockets are asked about before each poll: nothing to remember. */
static void ignore_file(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void ignore_notice(void *opaque)
{
	(void)opaque;
}

static int add_file(int fd, int events, void *opaque)
{
	struct files *files = opaque;
	short wanted = 0;

	if (files->nr == FILES_MAX)
		return -1;
	if (events & SLIRP_POLL_IN)
		wanted |= POLLIN;
	if (events & SLIRP_POLL_OUT)
		wanted |= POLLOUT;
	if (events & SLIRP_POLL_PRI)
		wanted |= POLLPRI;
	files->at[files->nr] = (struct pollfd){.fd = fd, .events = wanted};
	return files->nr++;
}

static int file_events(int i, void *opaque)
{
	const struct files *files = opaque;
	short happened = files->at[i].revents;
	int events = 0;

	if (happened & POLLIN)
		events |= SLIRP_POLL_IN;
	if (happened & POLLOUT)
		events |= SLIRP_POLL_OUT;
	if (happened & POLLPRI)
		events |= SLIRP_POLL_PRI;
	if (happened & POLLERR)
		events |= SLIRP_POLL_ERR;
	if (happened & POLLHUP)
		events |= SLIRP_POLL_HUP;
	return events;
}

static Slirp *make_network(void)
{
	/* No timers: they are for IPv6 only. */
	static const SlirpCb callbacks = {
		.send_packet = send_frame,
		.guest_error = ignore_error,
		.clock_get_ns = now_ns,
		.register_poll_fd = ignore_file,
		.unregister_poll_fd = ignore_file,
		.notify = ignore_notice,
	};
	const SlirpConfig config = {
		.version = 1,
		.in_enabled = true,
		.vnetwork = address(0),
		.vnetmask = {htonl(NETMASK)},
		.vhost = address(ROUTER),
		.vnameserver = address(NAMESERVER),
		.vdhcp_start = address(GUEST),
	};

	return slirp_new(&config, &callbacks, NULL);
}

/* Says what is wrong with it. */
static int add_forward(Slirp *slirp, const char *text)
{
	char protocol[4], from[ADDRESS_TEXT];
	unsigned port, guest_port;
	struct in_addr at;

	if (sscanf(text, "%3[a-z]:%15[0-9.]:%5u:%5u", protocol, from, &port,
		    &guest_port) != 4 ||
		!inet_aton(from, &at)) {
		fprintf(stderr, "hyperhurd-net: %s: no forwarding\n", text);
		return -1;
	}
	if (slirp_add_hostfwd(slirp, !strcmp(protocol, "udp"), at, (int)port,
		    address(GUEST), (int)guest_port) < 0) {
		fprintf(stderr, "hyperhurd-net: %s port %u of %s: %s\n",
			protocol, port, from, strerror(errno));
		return -1;
	}
	return 0;
}

static int confine(void)
{
	confine_limit(RLIMIT_NOFILE, FILES_MAX);
	confine_limit(RLIMIT_DATA, MEMORY_MAX);
	confine_limit(RLIMIT_CORE, 0);
	confine_writing();
	/* The VMM's threads, which serve everybody, come first. */
	(void)!nice(NICENESS);
	return confine_privileges(0);
}

/* Returns false when the VMM is gone. */
static bool take_frames(Slirp *slirp)
{
	uint8_t frame[NET_FRAME_MAX];

	for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
		ssize_t len = recv(VMM_FD, frame, sizeof(frame), MSG_DONTWAIT);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (len <= 0)
			return false;
		slirp_input(slirp, frame, (int)len);
	}
	return true;
}

static void serve(Slirp *slirp)
{
	static struct files files;

	do {
		uint32_t timeout_ms = UINT32_MAX;
		int nr;

		files.nr = 0;
		add_file(VMM_FD, SLIRP_POLL_IN, &files);
		slirp_pollfds_fill(slirp, &timeout_ms, add_file, &files);
		nr = poll(files.at, (nfds_t)files.nr, (int)timeout_ms);
		slirp_pollfds_poll(slirp, nr < 0, file_events, &files);
	} while (take_frames(slirp));
}

int main(int argc, char **argv)
{
	Slirp *slirp = make_network();

	if (!slirp)
		return 1;
	signal(SIGPIPE, SIG_IGN); /* libslirp looks at the error */
	for (int i = 1; i < argc; i++)
		if (add_forward(slirp, argv[i]) < 0)
			return 1;
	if (confine() < 0) {
		perror("hyperhurd-net: giving up privileges");
		return 1;
	}
	if (send(VMM_FD, "", 1, MSG_NOSIGNAL) != 1)
		return 1;
	serve(slirp);
	slirp_cleanup(slirp);
	return 0;
}
