/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that a running system prints.
 */
#include "vmm/report/console_log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

void console_log_open(struct console_log *log, int fd, int log_fd)
{
	memset(log, 0, sizeof(*log));
	log->fd = fd;
	log->log_fd = log_fd;
}

static void end_line(struct console_log *log)
{
	const unsigned size = sizeof(CONSOLE_LOG_READY) - 1;

	/* Serial consoles end a line with CR LF. */
	if (log->length && log->line[log->length - 1] == '\r')
		log->length--;
	if (log->length >= size && !memcmp(log->line + log->length - size,
					   CONSOLE_LOG_READY, size))
		log->nr_ready++;
	else if (log->samples)
		(void)samples_take_line(log->samples, log->line, log->length);
	log->length = 0;
}

static void watch(struct console_log *log, const char *bytes, ssize_t size)
{
	for (ssize_t i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			end_line(log);
		else if (log->length < sizeof(log->line))
			log->line[log->length++] = bytes[i];
	}
}

/* A log that is full or gone costs its lines, not the measurement. */
static void keep(const struct console_log *log, const char *bytes, ssize_t size)
{
	while (size > 0) {
		ssize_t written = write(log->log_fd, bytes, (size_t)size);

		if (written <= 0)
			return;
		bytes += written;
		size -= written;
	}
}

int console_log_take(struct console_log *log, int timeout_ms)
{
	struct pollfd wait = {.fd = log->fd, .events = POLLIN};
	char buf[4096];

	if (poll(&wait, 1, timeout_ms) <= 0)
		return 0;

	ssize_t got = read(log->fd, buf, sizeof(buf));

	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0)
		return -ECHILD;
	watch(log, buf, got);
	keep(log, buf, got);
	return 0;
}

void console_log_close(struct console_log *log)
{
	close(log->fd);
	log->fd = -1;
}
