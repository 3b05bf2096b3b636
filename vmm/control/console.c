/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A person at a domain's console.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "vmm/control/client.h"

#define ESCAPE 0x1d /* Ctrl-] */

static bool write_all(int fd, const char *bytes, ssize_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, (size_t)size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		size -= written;
	}
	return true;
}

/* Keys go to the domain as they are, Ctrl-C included. */
static bool make_raw(struct termios *before)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) < 0)
		return false;
	raw = *before;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* lines may end with a bare newline */
	return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* From standard input to the domain; false when the person wants to leave. */
static bool pass_input(int fd, bool raw, struct pollfd *input)
{
	char buf[256];
	ssize_t got = read(STDIN_FILENO, buf, sizeof(buf));

	if (got <= 0) {
		input->fd = -1; /* no more input; output goes on */
		return !raw;
	}

	char *escape = raw ? memchr(buf, ESCAPE, (size_t)got) : NULL;

	return write_all(fd, buf, escape ? escape - buf : got) && !escape;
}

static void relay(int fd, bool raw)
{
	struct pollfd wait[2] = {
		{.fd = fd, .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	char buf[4096];

	for (;;) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			return;
		if (wait[0].revents) {
			ssize_t got = recv(fd, buf, sizeof(buf), 0);

			if (got <= 0 || !write_all(STDOUT_FILENO, buf, got))
				return;
		}
		if (wait[1].revents && !pass_input(fd, raw, &wait[1]))
			return;
	}
}

int client_console(int fd)
{
	struct termios before;
	bool raw = make_raw(&before);

	if (raw)
		fputs("Ctrl-] ends the connection.\n", stderr);
	relay(fd, raw);
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	close(fd);
	return 0;
}
