/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/stream.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

/*
 * Between looking and writing nobody else may write: standard output and
 * standard error are often one pipe.
 */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nobody reads our output any more */
		bytes += n;
		len -= (size_t)n;
	}
}

/* O_NONBLOCK would do that to whoever shares the file with us, too. */
bool stream_write(struct stream *stream, const char *line, size_t length)
{
	struct pollfd out = {.fd = stream->fd, .events = POLLOUT};
	bool taken;

	pthread_mutex_lock(&turn);
	taken = poll(&out, 1, stream->deaf ? 0 : STREAM_PATIENCE_MS) != 0;
	stream->deaf = !taken;
	if (taken)
		write_all(stream->fd, line, length);
	pthread_mutex_unlock(&turn);
	return taken;
}
