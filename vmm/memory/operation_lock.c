/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks: others lose their windows, devices may get addresses.
 */
#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/piece.h"

static int start_lock(struct memory_domain *d)
{
	struct job *job = &d->job;
	int err;

	if (job->word[2] > 1)
		return -EINVAL;
	err = job_hold(d, job->word[1], 0, &job->from);
	return err ? err : reference_lock(&d->holder, job->word[1]);
}

/* A piece of a window of another domain goes; returns false if there is none. */
static bool unmap_others(struct memory_domain *d)
{
	struct memory_domain *owner;
	struct window *w = window_stale(d->memory, d->job.from, d, &owner);

	if (w)
		window_shrink(owner, w);
	return w != NULL;
}

static int piece_lock(struct memory_domain *d)
{
	return d->job.word[2] && unmap_others(d);
}

enum physical_phase {
	PHYSICAL_FORCE, /* shared frames get memory of their own */
	PHYSICAL_UNMAP, /* in other domains */
	PHYSICAL_TELL,	/* addresses, a piece of memory at a time */
};

static int start_lock_physical(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t rights = job->word[4];
	int err;

	if (!rights || rights > (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE) ||
		job->word[5] > 1)
		return -EINVAL;
	err = piece_hold_range(d, (unsigned)rights);
	if (err)
		return err;
	job->fresh = !job->held[0]->lock;
	return reference_lock(&d->holder, job->word[1]);
}

/* The next piece of memory; what does not fit is for another request. */
static int tell_physical(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t end = least(job->end, job->at + LOOK_FRAMES);
	uint32_t first = 0;
	bool own = false;
	uint64_t n = container_run(job->from, job->at, end, &first, &own);
	uint64_t address = dma_add(&d->mem->dma, job->from, first, (uint32_t)n,
		job->word[4] & CONTAINER_MAP_WRITE);

	if (!address && job->at > job->start)
		return 0;
	if (!address) {
		if (job->fresh)
			job->held[0]->lock = NULL;
		return -ENFILE;
	}
	job->result[job->nr_results++] = address;
	job->result[job->nr_results++] = n;
	job->at += n;
	job->result[0] = job->at - job->start;
	return piece_more(job) &&
	       job->nr_results < 1 + 2 * CONTAINER_PHYSICAL_MAX;
}

static int piece_lock_physical(struct memory_domain *d)
{
	struct job *job = &d->job;

	if (job->phase == PHYSICAL_TELL)
		return tell_physical(d);
	if (job->phase == PHYSICAL_FORCE) {
		if (piece_force(d))
			job->phase =
				job->word[5] ? PHYSICAL_UNMAP : PHYSICAL_TELL;
	} else if (!unmap_others(d)) {
		job->phase = PHYSICAL_TELL;
	}
	return 1;
}

const struct operation operation_lock = {start_lock, piece_lock};
const struct operation operation_lock_physical = {
	start_lock_physical, piece_lock_physical};
