/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References that go: their windows first, then, if nobody names it any more,
 * the container.
 */
#include <errno.h>

#include "vmm/memory/piece.h"

enum sweep {
	SWEEP_WINDOWS, /* of references that are gone */
	SWEEP_FRAMES,  /* of a container that no reference names */
};

static int start_revoke(struct memory_domain *d, bool all)
{
	struct job *job = &d->job;
	uint64_t name = job->word[1];
	int err = reference_may_revoke(
		&d->holder, name, all ? REFERENCE_FULL : 0);

	if (!err && !all && job->word[2] > 1)
		err = -EINVAL;
	if (!err)
		err = job_hold(d, name, 0, &job->from);
	if (err)
		return err;
	job->orphan = all ? reference_destroy(&d->holder, (unsigned)name)
			  : reference_revoke(
				    &d->holder, (unsigned)name, job->word[2]);
	if (job->orphan)
		job->held[0] = NULL; /* nobody can name it */
	job->phase = SWEEP_WINDOWS;
	return 0;
}

static int start_plain_revoke(struct memory_domain *d)
{
	return start_revoke(d, false);
}

static int start_destroy(struct memory_domain *d)
{
	return start_revoke(d, true);
}

bool operation_unpin(struct memory *m, const struct container *c)
{
	struct memory_domain *d;
	bool ended = true;

	if (!container_is_pinned(c))
		return true;
	TAILQ_FOREACH(d, &m->domains, link)
	ended &= dma_end(&d->mem->dma, c);
	m->waits = !ended;
	return ended;
}

/* Who had it pinned has no reference any more: its devices' requests end. */
static bool pins_are_gone(struct memory_domain *d)
{
	struct job *job = &d->job;
	const struct shared_container *s =
		job->orphan ? job->orphan : job->held[0];

	return s->lock || operation_unpin(d->memory, job->from);
}

static int piece_revoke(struct memory_domain *d)
{
	struct job *job = &d->job;
	struct memory_domain *owner;
	struct window *w;
	uint64_t n;

	if (!pins_are_gone(d))
		return 1;
	if (job->phase == SWEEP_WINDOWS) {
		w = window_stale(d->memory, job->from, NULL, &owner);
		if (w)
			window_shrink(owner, w);
		else
			job->phase = SWEEP_FRAMES;
		return w || job->orphan;
	}
	n = least(BOOK_FRAMES, CONTAINER_SIZE_MAX - job->at);
	if (n && container_frames(job->from)) {
		uint64_t count = n;

		if (container_deallocate(
			    job->from, job->at, &count, DEALLOCATE_SQUASH))
			return -EINVAL;
		job->at += n;
		return 1;
	}
	shared_free(job->orphan);
	job->orphan = NULL;
	return 0;
}

const struct operation operation_revoke = {start_plain_revoke, piece_revoke};
const struct operation operation_destroy = {start_destroy, piece_revoke};
