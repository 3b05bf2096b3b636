/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical copies: frames are shared until one of both is written.
 */
#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/piece.h"

enum copy_phase {
	COPY_CHECKS, /* the destination */
	COPY_LENDS,
	COPY_ADOPTS,
};

/* The numbers of the @i-th frame in source and destination. */
static uint64_t from_number(const struct job *job, uint64_t i)
{
	return job->label == CONTAINER_COPY_GATHER ? job->word[5 + i]
						   : job->word[2] + i;
}

static uint64_t to_number(const struct job *job, uint64_t i)
{
	return job->label == CONTAINER_COPY	     ? job->word[4] + i
	       : job->label == CONTAINER_COPY_GATHER ? job->word[3] + i
						     : job->word[5 + i];
}

/* Whether all frames of @c, whose numbers are @number's, are there; they stay so
 * while the job has them.  If not, the answer names one. */
static bool all_there(struct job *job, const struct container *c,
	uint64_t (*number)(const struct job *job, uint64_t i))
{
	uint64_t bad = 0;
	bool there = true;

	if (job->label == CONTAINER_COPY)
		there = container_has(c, number(job, 0), job->end, &bad);
	else
		for (uint64_t i = 0; i < job->end && there; i++)
			there = container_has(c, number(job, i), 1, &bad);
	job->result[0] = there ? 0 : bad;
	return there;
}

static int begin_copy(struct memory_domain *d, uint64_t dest, uint64_t count)
{
	struct job *job = &d->job;
	int err = job_hold(d, job->word[1], REFERENCE_READ, &job->from);

	if (!err)
		err = job_hold(d, dest, REFERENCE_WRITE, &job->to);
	if (err)
		return err;
	job->end = count;
	if (job->label == CONTAINER_COPY
			? container_copies_overlap(job->from, job->word[2],
				  job->to, job->word[4], count)
			: job->from == job->to)
		return -EINVAL;
	job->phase = COPY_CHECKS;
	return all_there(job, job->from, from_number) ? 0 : -ENOENT;
}

static int start_copy(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;

	if (!container_range_ok(word[2], word[5]) ||
		!container_range_ok(word[4], word[5]))
		return -EINVAL;
	return begin_copy(d, word[3], word[5]);
}

static int start_gather(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;

	if (word[4] > CONTAINER_GATHER_MAX ||
		!container_range_ok(word[3], word[4]))
		return -EINVAL;
	return begin_copy(d, word[2], word[4]);
}

static int start_scatter(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;

	if (word[4] > CONTAINER_GATHER_MAX ||
		!container_range_ok(word[2], word[4]))
		return -EINVAL;
	return begin_copy(d, word[3], word[4]);
}

/* From the @at-th on, how many lie side by side, also in memory. */
static uint64_t copy_run(const struct job *job, uint64_t most)
{
	uint64_t from = from_number(job, job->at);
	uint64_t to = to_number(job, job->at);
	uint32_t frame;
	bool own;
	uint64_t n = 1;

	if (job->label == CONTAINER_COPY)
		return container_run(
			job->from, from, from + most, &frame, &own);
	while (n < most && from_number(job, job->at + n) == from + n &&
		to_number(job, job->at + n) == to + n)
		n++;
	return container_run(job->from, from, from + n, &frame, &own);
}

/* Some frames of the source: nobody can write them any more. */
static void lend(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t from = from_number(job, job->at);
	uint64_t to = to_number(job, job->at);
	unsigned windows =
		windows_over(d->memory, job->from, from, BOOK_FRAMES) +
		windows_over(d->memory, job->to, to, BOOK_FRAMES);

	job->pending = copy_run(job, piece_of(windows, job->end - job->at));
	job->first = container_lend(job->from, from, job->pending);
	job->phase = COPY_LENDS;
}

/*
 * First the windows over the source show these frames read-only, then those over
 * the destination, whose own go when nobody sees them any more.
 */
static int piece_copy(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t to = to_number(job, job->at);

	if (job->phase == COPY_CHECKS) {
		job->phase = COPY_LENDS;
		return all_there(job, job->to, to_number) ? 1 : -ENOMEM;
	}
	if (!job->pending)
		lend(d);
	if (job->phase == COPY_LENDS) {
		if (windows_lend(d->memory, job->from,
			    from_number(job, job->at), job->first,
			    job->pending))
			job->phase = COPY_ADOPTS;
		return 1;
	}
	if (!windows_lend(d->memory, job->to, to, job->first, job->pending))
		return 1;
	container_adopt(job->to, to, job->first, job->pending);
	job->at += job->pending;
	job->pending = 0;
	return piece_more(job);
}

const struct operation operation_copy = {start_copy, piece_copy};
const struct operation operation_gather = {start_gather, piece_copy};
const struct operation operation_scatter = {start_scatter, piece_copy};
