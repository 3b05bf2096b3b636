/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks of domains: frames in and out, and the thread that waits for them.
 *
 * The thread sets a flag when something has changed, by epoll's edges; a call
 * clears the flag before it tries, and sets it again if there may be more.  So
 * none gets lost, and a network with nothing to do costs nothing.
 */
#include "vmm/netio.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "vmm/netopen.h"

#define STACK_SIZE (64u * 1024)
#define EVENTS 16

struct net {
	struct net_ends ends;
	int wake_fd;
	atomic_bool readable;
	atomic_bool writable;
};

/* The one thread of the process. */
static struct {
	pthread_t thread;
	pthread_mutex_t lock; /* held while a network's flags are set */
	int epoll_fd;
	int stop_fd;
} watcher = {.lock = PTHREAD_MUTEX_INITIALIZER, .epoll_fd = -1, .stop_fd = -1};

static void wake(int fd)
{
	uint64_t one = 1;

	/* It can only fail with the counter at its limit: awake anyway. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

static void note(struct net *net, uint32_t events)
{
	bool news = false;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		news |= !atomic_exchange(&net->readable, true);
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		news |= !atomic_exchange(&net->writable, true);
	if (news)
		wake(net->wake_fd);
}

/*
 * A network that is closed is taken out of the set under the lock; events that
 * were fetched before that must not be looked at.  So they are fetched under
 * it, without waiting.
 */
static bool look(void)
{
	struct epoll_event event[EVENTS];
	bool stop = false;
	int nr;

	pthread_mutex_lock(&watcher.lock);
	nr = epoll_wait(watcher.epoll_fd, event, EVENTS, 0);
	for (int i = 0; i < nr; i++) {
		if (event[i].data.ptr)
			note(event[i].data.ptr, event[i].events);
		else
			stop = true;
	}
	pthread_mutex_unlock(&watcher.lock);
	return !stop;
}

static void *watcher_main(void *unused)
{
	struct pollfd fd = {.fd = watcher.epoll_fd, .events = POLLIN};

	(void)unused;
	do
		poll(&fd, 1, -1);
	while (look());
	return NULL;
}

static int watch(int fd, uint32_t events, struct net *net)
{
	struct epoll_event event = {.events = events, .data.ptr = net};

	return epoll_ctl(watcher.epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0
		       ? -errno
		       : 0;
}

static void forget_watcher(void)
{
	close(watcher.epoll_fd);
	close(watcher.stop_fd);
	watcher.epoll_fd = watcher.stop_fd = -1;
}

int netio_start(void)
{
	pthread_attr_t attr;
	int err;

	watcher.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watcher.stop_fd = eventfd(0, EFD_CLOEXEC);
	if (watcher.epoll_fd < 0 || watcher.stop_fd < 0)
		err = -errno;
	else
		err = watch(watcher.stop_fd, EPOLLIN, NULL);
	if (!err) {
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, STACK_SIZE);
		err = -pthread_create(
			&watcher.thread, &attr, watcher_main, NULL);
		pthread_attr_destroy(&attr);
	}
	if (err)
		forget_watcher();
	return err;
}

void netio_stop(void)
{
	if (watcher.epoll_fd < 0)
		return;
	wake(watcher.stop_fd);
	pthread_join(watcher.thread, NULL);
	forget_watcher();
}

int net_open(struct net **net, const struct net_config *config, int wake_fd,
	struct net_error *error)
{
	struct net *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->wake_fd = wake_fd;
	n->writable = true;
	err = netopen(&n->ends, config, error);
	if (err) {
		free(n);
		return err;
	}
	err = watch(n->ends.fd, EPOLLIN | EPOLLOUT | EPOLLET, n);
	if (err) {
		netopen_close(&n->ends);
		free(n);
		return err;
	}
	*net = n;
	return 0;
}

void net_close(struct net *net)
{
	if (!net)
		return;
	pthread_mutex_lock(&watcher.lock);
	epoll_ctl(watcher.epoll_fd, EPOLL_CTL_DEL, net->ends.fd, NULL);
	pthread_mutex_unlock(&watcher.lock);
	netopen_close(&net->ends);
	free(net);
}

uint64_t net_helper_ns(const struct net *net)
{
	struct timespec used = {0};
	clockid_t clock;

	if (!net->ends.pid || clock_getcpuclockid(net->ends.pid, &clock) ||
		clock_gettime(clock, &used) < 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

int net_send(struct net *net, const void *frame, size_t len)
{
	ssize_t sent;

	atomic_store(&net->writable, false);
	if (net->ends.pid)
		sent = send(net->ends.fd, frame, len, MSG_NOSIGNAL);
	else
		sent = write(net->ends.fd, frame, len);
	if (sent < 0 && errno == EAGAIN)
		return -EAGAIN;
	atomic_store(&net->writable, true);
	return sent < 0 ? -errno : 0;
}

int net_receive(struct net *net, void *frame)
{
	/* One byte more: what is too long does not pass for what fits. */
	uint8_t buffer[NET_FRAME_MAX + 1];
	ssize_t len;

	atomic_store(&net->readable, false);
	len = read(net->ends.fd, buffer, sizeof(buffer));
	/* 0: hyperhurd-net has ended. */
	if (len <= 0)
		return -EAGAIN;
	atomic_store(&net->readable, true);
	if (len < NET_FRAME_MIN || len > NET_FRAME_MAX)
		return -EMSGSIZE;
	memcpy(frame, buffer, (size_t)len);
	return (int)len;
}

bool net_readable(const struct net *net)
{
	return atomic_load_explicit(&net->readable, memory_order_acquire);
}

bool net_writable(const struct net *net)
{
	return atomic_load_explicit(&net->writable, memory_order_acquire);
}
