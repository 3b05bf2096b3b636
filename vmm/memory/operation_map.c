/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows on containers.
 */
#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/piece.h"

enum map_phase {
	MAP_FORCE, /* shared frames get memory of their own */
	MAP_LOOK,  /* for shared frames: then it is read-only */
	MAP_SHOW,
};

static int start_map(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t flags = job->word[4];
	uint64_t rights = flags & (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE);
	int err;

	if (!(flags & CONTAINER_MAP_READ) || flags > 7)
		return -EINVAL;
	err = piece_hold_range(d, (unsigned)rights);
	if (err)
		return err;
	job->writable = flags & CONTAINER_MAP_WRITE;
	job->phase =
		flags & CONTAINER_MAP_FORCE_WRITE && flags & CONTAINER_MAP_WRITE
			? MAP_FORCE
			: MAP_LOOK;
	return 0;
}

static int open_window(struct memory_domain *d)
{
	struct job *job = &d->job;
	struct window w = {
		.gpa = {job->word[5]},
		.start = job->start,
		.count = job->end - job->start,
		.ref = (unsigned)job->word[1],
		.serial = d->holder.reference[job->word[1]].serial,
		.container = job->from,
		.shared = d->holder.reference[job->word[1]].of,
		.writable = job->writable,
	};

	job->at = job->start;
	job->phase = MAP_SHOW;
	return window_open(d, &w, &job->window);
}

static int look(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t end = least(job->end, job->at + LOOK_FRAMES);
	uint32_t first;
	bool own;
	int err;

	while (job->at < end) {
		job->at += container_run(job->from, job->at, end, &first, &own);
		job->writable &= own;
	}
	if (piece_more(job))
		return 1;
	err = open_window(d);
	return err ? err : 1;
}

static int piece_map(struct memory_domain *d)
{
	struct job *job = &d->job;
	int n;

	if (job->phase == MAP_FORCE) {
		if (piece_force(d))
			job->phase = MAP_LOOK;
		return 1;
	}
	if (job->phase == MAP_LOOK)
		return look(d);
	n = window_show(d, job->window, job->at, job->end);
	if (n < 0) {
		window_close(d, job->window);
		return n;
	}
	job->at += (unsigned)n;
	if (piece_more(job))
		return 1;
	job->result[0] = CONTAINER_MAP_READ |
			 (job->window->writable ? CONTAINER_MAP_WRITE : 0);
	return 0;
}

static int start_unmap(struct memory_domain *d)
{
	d->job.window = window_at(d, (gpa_t){d->job.word[1]});
	return d->job.window ? 0 : -ENOENT;
}

/* Others may take it out meanwhile. */
static int piece_unmap(struct memory_domain *d)
{
	struct window *w = d->job.window;

	if (w->count)
		window_shrink(d, w);
	return w->count != 0;
}

const struct operation operation_map = {start_map, piece_map};
const struct operation operation_unmap = {start_unmap, piece_unmap};
