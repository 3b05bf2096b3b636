/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "vmm/bindto.h"
#include "vmm/gdb/domain.h"
#include "vmm/gdb/session.h"
#include "vmm/system.h"

#define PATIENCE_S 2 /* for a debugger that does not read */

struct gdb_server {
	struct gdb_target *target;
	struct gdb_session session; /* of the thread alone */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int listen_fd;
	int event_fd; /* the target has stopped or ended */
	int stop_fd;
	int fd; /* the debugger, or -1 */
	bool joinable;
	pthread_t thread;
};

struct gdb_servers {
	unsigned nr;
	struct gdb_server server[GDB_SERVERS_MAX];
};

enum awaited {
	AWAIT_STOP,
	AWAIT_EVENT,
	AWAIT_LISTEN,
	AWAIT_DEBUGGER,
	AWAIT_NR,
};

/* A connection. ------------------------------------------------------------ */

static bool send_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool send_set(struct gdb_server *server, unsigned set)
{
	const struct gdb_writer *out = &server->session.out;

	if ((set & GDB_SEND_ACK) && !send_all(server->fd, "+", 1))
		return false;
	if ((set & GDB_SEND_NAK) && !send_all(server->fd, "-", 1))
		return false;
	return !(set & GDB_SEND_ANSWER) ||
	       send_all(server->fd, out->data, out->size);
}

/* Returns false if it has hung up, or is to be hung up on. */
static bool take_bytes(struct gdb_server *server)
{
	char bytes[1024];
	ssize_t got = recv(server->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < got; i++) {
		if (!send_set(server,
			    gdb_session_take(&server->session, bytes[i])) ||
			server->session.over)
			return false;
	}
	return got > 0;
}

static void drain(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return; /* nothing was there */
}

/* Waits for the first @nr to have something.  Returns false when the system
 * ends. */
static bool await(
	const struct gdb_server *server, struct pollfd *fd, enum awaited nr)
{
	fd[AWAIT_STOP] = (struct pollfd){server->stop_fd, POLLIN, 0};
	fd[AWAIT_EVENT] = (struct pollfd){server->event_fd, POLLIN, 0};
	fd[AWAIT_LISTEN] = (struct pollfd){server->listen_fd, POLLIN, 0};
	fd[AWAIT_DEBUGGER] = (struct pollfd){server->fd, POLLIN, 0};
	if (poll(fd, nr, -1) < 0)
		return errno == EINTR;
	if (fd[AWAIT_EVENT].revents)
		drain(server->event_fd);
	return !fd[AWAIT_STOP].revents;
}

static void turn_away(int listen_fd)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		close(fd);
}

/* Returns false when the system ends. */
static bool serve(struct gdb_server *server)
{
	struct pollfd fd[AWAIT_NR] = {0};
	bool connected = true;

	gdb_session_begin(&server->session, server->target);
	gdb_target_interrupt(server->target);
	while (connected) {
		if (!await(server, fd, AWAIT_NR))
			return false;
		if (fd[AWAIT_LISTEN].revents)
			turn_away(server->listen_fd); /* there is one */
		if (fd[AWAIT_EVENT].revents)
			connected = send_set(
				server, gdb_session_poll(&server->session));
		if (connected && fd[AWAIT_DEBUGGER].revents)
			connected = take_bytes(server);
	}
	return true;
}

/* Whatever it left behind.  Returns false when the system ends. */
static bool let_go(struct gdb_server *server)
{
	struct pollfd fd[AWAIT_NR] = {0};
	struct gdb_stop stop;

	gdb_target_interrupt(server->target);
	for (;;) {
		gdb_target_stop(server->target, &stop);
		if (stop.reason != GDB_RUNS)
			break;
		if (!await(server, fd, AWAIT_LISTEN))
			return false;
	}
	gdb_target_release(server->target);
	return true;
}

static int accept_debugger(int listen_fd)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	const int on = 1;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void *run(void *data)
{
	struct gdb_server *server = data;
	struct pollfd fd[AWAIT_NR] = {0};
	bool go_on = true;

	while (go_on && await(server, fd, AWAIT_DEBUGGER)) {
		if (!fd[AWAIT_LISTEN].revents)
			continue;
		server->fd = accept_debugger(server->listen_fd);
		if (server->fd < 0) {
			/* Out of descriptors, say: it may pass. */
			(void)poll(NULL, 0, 100);
			continue;
		}
		go_on = serve(server) && let_go(server);
		close(server->fd);
		server->fd = -1;
	}
	return NULL;
}

/* Sockets. ----------------------------------------------------------------- */

static int open_socket(
	struct gdb_server *server, const struct gdb_address *address)
{
	int err;

	server->listen_fd = socket(address->path[0] ? AF_UNIX : AF_INET,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->listen_fd < 0)
		return -errno;
	err = address->path[0] ? bindto_path(server->listen_fd, address->path)
			       : bindto_port(server->listen_fd, address->port);
	if (!err)
		memcpy(server->path, address->path, sizeof(server->path));
	if (!err && listen(server->listen_fd, 1) < 0)
		err = -errno;
	return err;
}

/* Starting and stopping. --------------------------------------------------- */

/* Returns the domain's index or -EINVAL. */
static int find_domain(const struct system *system, const char *name)
{
	for (unsigned i = 0; i < system->nr_domains; i++)
		if (!strcmp(system->domain[i]->name, name))
			return system->debug[i] ? -EINVAL : (int)i;
	return -EINVAL;
}

static int start_server(struct gdb_server *server, struct system *system,
	const struct gdb_address *address)
{
	int index = find_domain(system, address->domain);
	int err;

	*server = (struct gdb_server){.listen_fd = -1, .fd = -1};
	server->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (index < 0)
		return index;
	if (server->event_fd < 0 || server->stop_fd < 0)
		return -errno;
	err = gdb_target_create(
		&server->target, system, (unsigned)index, server->event_fd);
	if (!err)
		err = open_socket(server, address);
	if (!err)
		err = -pthread_create(&server->thread, NULL, run, server);
	server->joinable = !err;
	return err;
}

static void stop_server(struct gdb_server *server)
{
	const uint64_t one = 1;

	if (server->joinable &&
		write(server->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(server->thread, NULL);
	if (server->fd >= 0)
		close(server->fd);
	if (server->path[0])
		unlink(server->path);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	if (server->target)
		gdb_target_destroy(server->target);
	close(server->event_fd);
	close(server->stop_fd);
}

static const char *reason(int err)
{
	if (err == -EINVAL)
		return "no such domain, or named before";
	if (err == -ENOTSUP)
		return "this host's /dev/kvm cannot debug guests "
		       "(KVM_CAP_SET_GUEST_DEBUG)";
	return strerror(-err);
}

int gdb_start(struct gdb_servers **servers, struct system *system,
	const struct gdb_address *address, unsigned nr,
	struct machine_error *error)
{
	struct gdb_servers *all = calloc(1, sizeof(*all));
	int err = all ? 0 : -ENOMEM;

	snprintf(error->text, sizeof(error->text), "--gdb: out of memory");

	for (unsigned i = 0; !err && i < nr; i++) {
		err = start_server(&all->server[i], system, &address[i]);
		all->nr++;
		if (err)
			snprintf(error->text, sizeof(error->text),
				"--gdb %s: %s", address[i].domain, reason(err));
	}
	if (err)
		gdb_stop(all);
	else
		*servers = all;
	return err;
}

void gdb_stop(struct gdb_servers *servers)
{
	if (!servers)
		return;
	for (unsigned i = 0; i < servers->nr; i++)
		stop_server(&servers->server[i]);
	free(servers);
}
