/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's end of the control socket: a thread that answers one request
 * after the other, each on a connection of its own.  A client may get the CPU
 * rarely, and take long until it sends its request; it holds up nobody.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmm/bindto.h"
#include "vmm/clock.h"
#include "vmm/control/protocol.h"

#define PATIENCE_MS 200 /* with who does not take an answer */
#define BACKLOG 8
#define WAITING_MAX 16 /* connections without a request yet */
#define PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* What the thread waits for, before those who are yet to say something. */
enum polled {
	POLLED_STOP,
	POLLED_LISTEN,
	POLLED_TRACER,
	NR_POLLED,
};

struct control {
	struct system *system;
	char name[CONTROL_SYSTEM_MAX];
	char path[PATH_SIZE];
	int listen_fd;
	int stop_fd;
	int tracer_fd; /* whom it is traced for; -1: nobody */
	pthread_t thread;
	/* Of the thread alone; here because they are large. */
	unsigned nr_waiting;
	int waiting[WAITING_MAX]; /* in the order of their coming */
	struct system_domain domain[LAUNCH_DOMAINS_MAX];
	struct executor_account executor[MEASUREMENT_EXECUTORS_MAX];
};

static bool send_all(int fd, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size) {
		ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		from += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool send_reply(
	struct control *control, int fd, struct control_reply *reply)
{
	reply->magic = CONTROL_MAGIC;
	reply->version = CONTROL_VERSION;
	reply->pid = (uint32_t)getpid();
	memcpy(reply->system, control->name, sizeof(reply->system));
	return send_all(fd, reply, sizeof(*reply)) &&
	       send_all(fd, control->domain,
		       reply->nr_domains * sizeof(control->domain[0])) &&
	       send_all(fd, control->executor,
		       reply->nr_executors * sizeof(control->executor[0]));
}

static void fill_list(struct control *control, struct control_reply *reply)
{
	const struct measurement *m = system_measurement(control->system);

	reply->nr_domains = system_list(
		control->system, control->domain, LAUNCH_DOMAINS_MAX);
	for (unsigned i = 0; m && i < MEASUREMENT_EXECUTORS_MAX; i++)
		if (m->executor[i].started_ns)
			control->executor[reply->nr_executors++] =
				m->executor[i];
	reply->no_guarantees = m ? m->no_guarantees : 0;
	reply->now_ns = clock_ns();
}

static void end_trace(struct control *control)
{
	system_trace_stop(control->system);
	close(control->tracer_fd);
	control->tracer_fd = -1;
}

/* Who is gone without a word may not have been noticed yet. */
static bool is_traced(struct control *control)
{
	struct pollfd tracer = {.fd = control->tracer_fd, .events = POLLIN};

	if (poll(&tracer, 1, 0) > 0)
		end_trace(control);
	return control->tracer_fd >= 0;
}

static int start_trace(struct control *control, int connection, bool guests,
	struct control_reply *reply)
{
	if (is_traced(control))
		return -EBUSY;

	int copy = fcntl(connection, F_DUPFD_CLOEXEC, 0);
	int fd =
		copy < 0 ? -errno : system_trace_start(control->system, guests);

	if (fd < 0) {
		if (copy >= 0)
			close(copy);
		return fd;
	}
	control->tracer_fd = copy;
	reply->trace_fd = (uint32_t)fd;
	return 0;
}

static int perform(struct control *control, int connection,
	const struct control_request *request, struct control_reply *reply)
{
	struct system *system = control->system;

	switch (request->op) {
	case CONTROL_LIST:
		fill_list(control, reply);
		return 0;
	case CONTROL_MARK:
		fill_list(control, reply);
		system_mark(system);
		return 0;
	case CONTROL_TRACE_START:
		return start_trace(control, connection, false, reply);
	case CONTROL_TRACE_GUESTS:
		return start_trace(control, connection, true, reply);
	case CONTROL_STOP:
		return system_stop(system, request->domain);
	case CONTROL_KILL:
		return system_kill(system, request->domain);
	case CONTROL_SET_MEMORY:
		return system_set_memory(
			system, request->domain, request->memory_bytes);
	case CONTROL_SET:
		return system_set_reservation(
			system, request->domain, &request->reservation);
	default:
		return -EOPNOTSUPP;
	}
}

/*
 * The reply goes first: once connected, the socket is the console's.  If that
 * fails, the reason is what the console says.
 */
static void connect_console(struct control *control, unsigned domain, int fd)
{
	struct control_reply reply = {0};
	const struct timeval forever = {0, 0};
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0 || !send_reply(control, fd, &reply))
		return;
	setsockopt(copy, SOL_SOCKET, SO_SNDTIMEO, &forever, sizeof(forever));

	int err = system_console(control->system, domain, copy);

	if (err) {
		dprintf(copy, "no console: %s\r\n", strerror(-err));
		close(copy);
	}
}

static void serve(struct control *control, int fd)
{
	const struct timeval patience = {0, PATIENCE_MS * 1000};
	struct control_request request;
	struct control_reply reply = {0};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (recv(fd, &request, sizeof(request), MSG_DONTWAIT) !=
		(ssize_t)sizeof(request))
		return;
	if (request.magic != CONTROL_MAGIC)
		return;
	if (request.version != CONTROL_VERSION) {
		reply.error = EPROTONOSUPPORT;
	} else if (request.op == CONTROL_CONSOLE) {
		connect_console(control, request.domain, fd);
		return;
	} else {
		reply.error = (uint32_t)-perform(control, fd, &request, &reply);
	}
	send_reply(control, fd, &reply);
}

/* The directory is closed to others already; this is the second bolt. */
static bool is_own(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void forget(struct control *control, unsigned i)
{
	close(control->waiting[i]);
	control->nr_waiting--;
	memmove(&control->waiting[i], &control->waiting[i + 1],
		(control->nr_waiting - i) * sizeof(control->waiting[0]));
}

/* Whoever has said nothing for longest goes if there are too many. */
static void take(struct control *control)
{
	int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		/* Out of descriptors, say: it may pass. */
		(void)poll(NULL, 0, PATIENCE_MS);
		return;
	}
	if (!is_own(fd)) {
		close(fd);
		return;
	}
	if (control->nr_waiting == WAITING_MAX)
		forget(control, 0);
	control->waiting[control->nr_waiting++] = fd;
}

/* A request arrives at once, or not at all. */
static void *run(void *data)
{
	struct control *control = data;
	struct pollfd wait[NR_POLLED + WAITING_MAX] = {
		[POLLED_STOP] = {.fd = control->stop_fd, .events = POLLIN},
		[POLLED_LISTEN] = {.fd = control->listen_fd, .events = POLLIN},
		[POLLED_TRACER] = {.events = POLLIN},
	};

	for (;;) {
		unsigned nr = control->nr_waiting;

		for (unsigned i = 0; i < nr; i++)
			wait[NR_POLLED + i] = (struct pollfd){
				.fd = control->waiting[i], .events = POLLIN};
		wait[POLLED_TRACER].fd = control->tracer_fd;
		if (poll(wait, NR_POLLED + nr, -1) < 0) {
			if (errno != EINTR)
				return NULL;
			continue;
		}
		if (wait[POLLED_STOP].revents)
			return NULL;
		if (wait[POLLED_TRACER].revents)
			end_trace(control);
		for (unsigned i = nr; i--;)
			if (wait[NR_POLLED + i].revents) {
				serve(control, control->waiting[i]);
				forget(control, i);
			}
		if (wait[POLLED_LISTEN].revents)
			take(control);
	}
}

/* A directory for this user alone, and control->path in it. */
static int prepare_path(struct control *control)
{
	char dir[sizeof(control->path)];
	struct stat st;
	int err = control_dir(dir, sizeof(dir));

	if (err)
		return err;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & 022))
		return -EACCES;

	int length = snprintf(control->path, sizeof(control->path),
		"%s/%d.sock", dir, (int)getpid());

	return length >= (int)sizeof(control->path) ? -ENAMETOOLONG : 0;
}

static int open_socket(struct control *control)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = bindto_path(fd, control->path);
	if (!err && listen(fd, BACKLOG) < 0) {
		err = -errno;
		unlink(control->path);
	}
	if (err)
		close(fd);
	else
		control->listen_fd = fd;
	return err;
}

/* A run that begins has a socket where nobody listens yet, and a process. */
static bool is_left(const char *name, const char *path)
{
	char *end;
	long pid = strtol(name, &end, 10);

	return pid > 0 && pid <= INT_MAX && !strcmp(end, ".sock") &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH &&
	       bindto_is_abandoned(path);
}

/* Runs that were killed have left their sockets. */
static void tidy(void)
{
	char path[PATH_SIZE];
	char dir[PATH_SIZE];
	DIR *entries = control_dir(dir, sizeof(dir)) ? NULL : opendir(dir);
	const struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		int length = snprintf(
			path, sizeof(path), "%s/%s", dir, entry->d_name);

		if (length < (int)PATH_SIZE && is_left(entry->d_name, path))
			unlink(path);
	}
	if (entries)
		closedir(entries);
}

static int start_thread(struct control *control)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);

	int err = -pthread_create(&control->thread, NULL, run, control);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int control_start(
	struct control **control, struct system *system, const char *name)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->system = system;
	c->listen_fd = -1;
	c->tracer_fd = -1;
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->stop_fd = eventfd(0, EFD_CLOEXEC);
	err = c->stop_fd < 0 ? -errno : prepare_path(c);
	if (!err)
		err = open_socket(c);
	if (!err)
		err = start_thread(c);
	if (err)
		goto out;
	tidy();
	*control = c;
	return 0;
out:
	if (c->listen_fd >= 0) {
		unlink(c->path);
		close(c->listen_fd);
	}
	if (c->stop_fd >= 0)
		close(c->stop_fd);
	free(c);
	return err;
}

void control_stop(struct control *control)
{
	const uint64_t one = 1;

	if (!control)
		return;
	if (write(control->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(control->thread, NULL);
	while (control->nr_waiting)
		forget(control, control->nr_waiting - 1);
	if (control->tracer_fd >= 0)
		close(control->tracer_fd);
	unlink(control->path);
	close(control->listen_fd);
	close(control->stop_fd);
	free(control);
}
