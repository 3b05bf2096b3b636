/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/job.h"

#include <errno.h>
#include <string.h>

#include "vmm/abi/container.h"
#include "vmm/memory/operation.h"
#include "vmm/memory/window.h"

void job_begin(struct memory_domain *d, uint64_t label, const uint64_t *word,
	struct memory_domain *peer)
{
	struct job *job = &d->job;

	*job = (struct job){
		.state = JOB_WAITS,
		.label = label,
		.peer = peer,
		.nr_results = 1,
	};
	memcpy(job->word, word, sizeof(job->word));
}

static void let_go(struct memory_domain *d)
{
	for (unsigned i = 0; i < JOB_CONTAINERS; i++) {
		if (d->job.held[i])
			d->job.held[i]->busy = NULL;
		d->job.held[i] = NULL;
	}
}

/* Who decides about extra frames sees that there were not enough. */
static void note_refusal(struct memory_domain *d)
{
	const struct job *job = &d->job;

	switch (job->label) {
	case CONTAINER_ALLOCATE:
	case CONTAINER_CREATE_FROM:
		account_refuse(
			&d->holder.account, job->word[3] - job->result[0]);
		break;
	case CONTAINER_CREATE_WITH:
		account_refuse(&d->holder.account, job->word[1]);
		break;
	}
}

static void finish(struct memory_domain *d, int err)
{
	if (err == -ENOMEM)
		note_refusal(d);
	let_go(d);
	d->job.err = err;
	d->job.state = JOB_DONE;
}

int job_hold(struct memory_domain *d, uint64_t name, unsigned rights,
	struct container **c)
{
	struct shared_container *s;
	int err = reference_use(&d->holder, name, rights, c);

	if (err)
		return err;
	s = d->holder.reference[name].of;
	if (container_is_pinned(*c) && !operation_keeps_frames(d->job.label))
		return -EBUSY;
	if (s->busy == d)
		return 0;
	if (s->busy) {
		job_piece(s->busy);
		return -EAGAIN;
	}
	s->busy = d;
	d->job.held[d->job.held[0] ? 1 : 0] = s;
	return 0;
}

/* What it has taken already, it gives back, so that it can be helped. */
static void start(struct memory_domain *d)
{
	int err = operation_start(d);

	if (err == -EAGAIN)
		let_go(d);
	else if (err)
		finish(d, err);
	else
		d->job.state = JOB_RUNS;
}

void job_piece(struct memory_domain *d)
{
	int err;

	if (d->job.state == JOB_WAITS) {
		start(d);
	} else if (d->job.state == JOB_RUNS) {
		err = operation_piece(d);
		if (err <= 0)
			finish(d, err);
	}
}

void job_peer_left(struct memory_domain *peer)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &peer->memory->domains, link)
	if (d->job.peer == peer)
		d->job.peer = NULL;
}
