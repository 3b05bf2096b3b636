/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetching events.  The room for them is taken at once: what is never written
 * to costs no memory.
 */
#include "vmm/trace/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 4096

int trace_fetch_open(struct trace_fetch *f, uint32_t pid, uint32_t trace_fd)
{
	*f = (struct trace_fetch){.file = trace_map(pid, trace_fd)};
	if (!f->file)
		return -EIO;
	f->stamp = malloc(sizeof(*f->stamp) * FETCH_EVENTS_MAX);
	if (f->stamp)
		return 0;
	trace_fetch_close(f);
	return -ENOMEM;
}

static void fetch_ring(struct trace_fetch *f, unsigned i)
{
	static struct trace_event event[EVENTS_AT_ONCE];
	const struct trace_ring *ring = &f->file->ring[i];
	unsigned nr;

	do {
		nr = trace_read(
			ring, &f->next[i], event, EVENTS_AT_ONCE, &f->lost);
		for (unsigned j = 0; j < nr; j++) {
			if (f->nr == FETCH_EVENTS_MAX) {
				f->lost += nr - j;
				break;
			}
			f->stamp[f->nr] = (struct trace_stamp){
				event[j], ring->cpu, f->nr};
			f->nr++;
		}
	} while (nr == EVENTS_AT_ONCE);
}

void trace_fetch(struct trace_fetch *f)
{
	for (unsigned i = 0; i < f->file->nr_rings; i++)
		fetch_ring(f, i);
}

void trace_stop(int connection)
{
	char byte;

	shutdown(connection, SHUT_WR);
	while (recv(connection, &byte, 1, 0) < 0 && errno == EINTR)
		;
	close(connection);
}

void trace_fetch_close(struct trace_fetch *f)
{
	trace_unmap(f->file);
	free(f->stamp);
	*f = (struct trace_fetch){0};
}
