/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Consoles: what domains print, collected by one thread.
 *
 * An executor never waits for the console thread: they share a ring with one
 * producer and one consumer.  The lock is between the thread and whoever
 * opens, attaches and closes.
 */
#include "vmm/console.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/stream.h"

#define OUT_SIZE 16384u /* bytes in the ring; a power of 2 */
#define IN_SIZE 256u
#define LINE_SIZE 512u /* longer lines are broken */
#define NAME_SIZE 32u
#define STACK_SIZE (64u * 1024)

struct console {
	struct console *next;
	char name[NAME_SIZE];
	int wake_fd;
	atomic_int attached;  /* socket or -1; the executor only looks */
	atomic_int wanted;    /* the next one, or -1; the thread takes it */
	atomic_uint out_head; /* the thread takes here */
	atomic_uint out_tail; /* the executor puts here */
	atomic_uint lost;     /* bytes that found no room */
	atomic_uint in_head;  /* the executor takes here */
	atomic_uint in_tail;  /* the thread puts here */
	unsigned line_len;
	char line[LINE_SIZE];
	char out[OUT_SIZE];
	char in[IN_SIZE];
};

/* The one console thread of the process. */
static struct {
	pthread_mutex_t lock; /* list, and all but the rings of each console */
	pthread_t thread;
	struct console *list;
	unsigned nr;
	struct stream out;
	int wake_fd;
	atomic_bool sleeping;
	atomic_bool stop;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER, .out = {.fd = -1}, .wake_fd = -1};

static void wake(int fd)
{
	uint64_t one = 1;

	/* It can only fail with the counter at its limit: awake anyway. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

/* Who ends a domain waits for the lock meanwhile, and the whole run for that:
 * false if nobody takes the line. */
static bool print(const struct console *con, const char *line, unsigned len)
{
	char text[NAME_SIZE + LINE_SIZE + 4];
	int n = snprintf(
		text, sizeof(text), "%s| %.*s\n", con->name, (int)len, line);

	return stream_write(&hub.out, text, (size_t)n);
}

static void print_line(struct console *con)
{
	if (!print(con, con->line, con->line_len))
		atomic_fetch_add(&con->lost, con->line_len);
	con->line_len = 0;
}

/*
 * What a terminal would take for a command, C1 controls in UTF-8 among them: a
 * domain could write over others' lines.  Who attaches a terminal gets it all.
 */
static bool is_control(char before, char c)
{
	unsigned char byte = (unsigned char)c;

	if (before == '\xc2' && byte >= 0x80 && byte < 0xa0)
		return true;
	return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

static void add_byte(struct console *con, char c)
{
	char before = con->line_len ? con->line[con->line_len - 1] : '\0';

	con->line[con->line_len++] = is_control(before, c) ? '?' : c;
}

static void add_to_line(struct console *con, const char *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			print_line(con);
		else if (bytes[i] != '\r' && bytes[i] != '\0')
			add_byte(con, bytes[i]);
		if (con->line_len == LINE_SIZE)
			print_line(con);
	}
}

static void detach(struct console *con)
{
	if (con->attached >= 0)
		close(con->attached);
	con->attached = -1;
}

static void show_attached(struct console *con, const char *bytes, unsigned n)
{
	/* A terminal that does not keep up loses text, as a domain would. */
	if (con->attached >= 0 &&
		send(con->attached, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) <
			0 &&
		errno != EAGAIN && errno != EINTR)
		detach(con);
}

static void note_lost(struct console *con)
{
	unsigned lost = con->lost;
	char note[64];
	int n;

	if (!lost)
		return;
	if (con->line_len)
		print_line(con);
	n = snprintf(note, sizeof(note), "[%u bytes of output lost]", lost);
	if (print(con, note, (unsigned)n))
		atomic_fetch_sub(&con->lost, lost);
}

static void take_terminal(struct console *con)
{
	int fd = atomic_exchange(&con->wanted, -1);

	if (fd < 0)
		return;
	detach(con);
	con->attached = fd;
}

/* Returns true if there was something. */
static bool drain(struct console *con)
{
	unsigned head =
		atomic_load_explicit(&con->out_head, memory_order_relaxed);
	unsigned tail =
		atomic_load_explicit(&con->out_tail, memory_order_acquire);
	bool any = head != tail;

	take_terminal(con);
	while (head != tail) {
		unsigned at = head % OUT_SIZE;
		unsigned n = tail - head;

		if (n > OUT_SIZE - at)
			n = OUT_SIZE - at;
		show_attached(con, con->out + at, n);
		add_to_line(con, con->out + at, n);
		head += n;
		atomic_store_explicit(
			&con->out_head, head, memory_order_release);
	}
	note_lost(con);
	return any;
}

static bool drain_all(void)
{
	bool any = false;

	pthread_mutex_lock(&hub.lock);
	for (struct console *c = hub.list; c; c = c->next)
		any |= drain(c);
	pthread_mutex_unlock(&hub.lock);
	return any;
}

/* What was typed; more than fits is lost, as on a serial line. */
static void take_input(struct console *con)
{
	unsigned tail =
		atomic_load_explicit(&con->in_tail, memory_order_relaxed);
	unsigned head =
		atomic_load_explicit(&con->in_head, memory_order_acquire);
	char bytes[IN_SIZE];
	ssize_t n = recv(con->attached, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		detach(con);
		return;
	}
	for (ssize_t i = 0; i < n && tail - head < IN_SIZE; i++)
		con->in[tail++ % IN_SIZE] = bytes[i];
	atomic_store_explicit(&con->in_tail, tail, memory_order_release);
	wake(con->wake_fd);
}

/* The descriptors to wait for; slot 0 is the wake-up. */
static nfds_t collect(struct pollfd *fds)
{
	nfds_t n = 1;

	pthread_mutex_lock(&hub.lock);
	fds[0] = (struct pollfd){.fd = hub.wake_fd, .events = POLLIN};
	for (struct console *c = hub.list; c; c = c->next)
		if (c->attached >= 0)
			fds[n++] = (struct pollfd){
				.fd = c->attached, .events = POLLIN};
	pthread_mutex_unlock(&hub.lock);
	return n;
}

static void take_inputs(const struct pollfd *fds, nfds_t n)
{
	pthread_mutex_lock(&hub.lock);
	for (nfds_t i = 1; i < n; i++) {
		if (!fds[i].revents)
			continue;
		for (struct console *c = hub.list; c; c = c->next)
			if (c->attached == fds[i].fd)
				take_input(c);
	}
	pthread_mutex_unlock(&hub.lock);
}

static void *console_main(void *unused)
{
	struct pollfd fds[1 + CONSOLES_MAX];
	uint64_t count;

	(void)unused;
	while (!atomic_load(&hub.stop)) {
		nfds_t n;

		/* Announce the sleep, look again, and only then sleep. */
		atomic_store(&hub.sleeping, true);
		drain_all();
		n = collect(fds);
		if (poll(fds, n, -1) < 0 && errno != EINTR)
			break;
		if ((fds[0].revents & POLLIN) &&
			read(hub.wake_fd, &count, sizeof(count)) < 0)
			break;
		take_inputs(fds, n);
	}
	drain_all();
	return NULL;
}

static void wake_thread(void)
{
	if (atomic_exchange(&hub.sleeping, false))
		wake(hub.wake_fd);
}

int console_start(int out_fd)
{
	pthread_attr_t attr;
	int err;

	hub.out = (struct stream){.fd = out_fd};
	hub.wake_fd = eventfd(0, EFD_CLOEXEC);
	if (hub.wake_fd < 0)
		return -errno;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	err = pthread_create(&hub.thread, &attr, console_main, NULL);
	pthread_attr_destroy(&attr);
	if (err) {
		close(hub.wake_fd);
		hub.wake_fd = -1;
	}
	return -err;
}

void console_stop(void)
{
	if (hub.wake_fd < 0)
		return;
	atomic_store(&hub.stop, true);
	wake(hub.wake_fd);
	pthread_join(hub.thread, NULL);
	close(hub.wake_fd);
	hub.wake_fd = -1;
	atomic_store(&hub.stop, false);
}

struct console *console_open(const char *name, int wake_fd)
{
	struct console *con = calloc(1, sizeof(*con));

	if (!con)
		return NULL;
	snprintf(con->name, sizeof(con->name), "%s", name);
	con->wake_fd = wake_fd;
	con->attached = con->wanted = -1;

	pthread_mutex_lock(&hub.lock);
	if (hub.nr == CONSOLES_MAX) {
		pthread_mutex_unlock(&hub.lock);
		free(con);
		return NULL;
	}
	hub.nr++;
	con->next = hub.list;
	hub.list = con;
	pthread_mutex_unlock(&hub.lock);
	return con;
}

void console_close(struct console *con)
{
	if (!con)
		return;
	pthread_mutex_lock(&hub.lock);
	for (struct console **p = &hub.list; *p; p = &(*p)->next) {
		if (*p == con) {
			*p = con->next;
			hub.nr--;
			break;
		}
	}
	drain(con);
	if (con->line_len)
		print_line(con);
	detach(con);
	pthread_mutex_unlock(&hub.lock);
	/* The thread may be waiting for the closed descriptor. */
	wake_thread();
	free(con);
}

void console_write(struct console *con, const void *bytes, size_t len)
{
	unsigned tail =
		atomic_load_explicit(&con->out_tail, memory_order_relaxed);
	unsigned used = tail - atomic_load_explicit(
				       &con->out_head, memory_order_acquire);
	size_t room = OUT_SIZE - used;
	size_t n = len < room ? len : room;
	unsigned at = tail % OUT_SIZE;
	size_t first = n < OUT_SIZE - at ? n : OUT_SIZE - at;
	bool line = memchr(bytes, '\n', n) != NULL;

	memcpy(con->out + at, bytes, first);
	memcpy(con->out, (const char *)bytes + first, n - first);
	tail += (unsigned)n;
	atomic_store_explicit(&con->out_tail, tail, memory_order_release);
	if (n < len)
		atomic_fetch_add(&con->lost, (unsigned)(len - n));
	/* Nobody can see a part of a line, unless a terminal is attached. */
	if (line || used + n > OUT_SIZE / 2 || con->attached >= 0 ||
		con->wanted >= 0)
		wake_thread();
}

size_t console_read(struct console *con, void *buf, size_t size)
{
	unsigned head =
		atomic_load_explicit(&con->in_head, memory_order_relaxed);
	unsigned tail =
		atomic_load_explicit(&con->in_tail, memory_order_acquire);
	char *to = buf;
	size_t n = 0;

	while (n < size && head != tail)
		to[n++] = con->in[head++ % IN_SIZE];
	atomic_store_explicit(&con->in_head, head, memory_order_release);
	return n;
}

bool console_has_input(const struct console *con)
{
	return atomic_load_explicit(&con->in_head, memory_order_relaxed) !=
	       atomic_load_explicit(&con->in_tail, memory_order_acquire);
}

/* Not the lock: its owner waits for whoever reads our output. */
int console_attach(struct console *con, int fd)
{
	int before;

	if (fd < 0)
		return -EBADF;
	before = atomic_exchange(&con->wanted, fd);
	if (before >= 0)
		close(before);
	wake_thread();
	return 0;
}
