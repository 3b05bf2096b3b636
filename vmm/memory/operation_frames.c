/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames come and go, and containers are made with some in them.
 */
#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/accounts.h"
#include "vmm/memory/piece.h"

#define ALLOCATE_FRAMES 32u /* zeroed, where no window is */

enum frames_phase {
	FRAMES_COME,
	FRAMES_UNDO, /* after an error */
	FRAMES_HIDE, /* one that windows show is about to go */
	FRAMES_SHOW, /* windows are to show one that has come */
};

/* What was allocated before an error goes again. */
static int undo(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t n = least(job->at - job->start, BOOK_FRAMES), count = n;

	if (n) {
		job->at -= n;
		if (container_deallocate(
			    job->to, job->at, &count, DEALLOCATE_SQUASH))
			return -EINVAL;
		windows_refresh(d->memory, job->to, job->at, n);
		return 1;
	}
	if (job->ref)
		shared_free(reference_revoke(&d->holder, job->ref, true));
	return job->err;
}

static int fail(struct memory_domain *d, int err)
{
	struct job *job = &d->job;

	windows_tell(d->memory, job->to, job->start, job->at - job->start);
	job->err = err;
	job->result[0] = 0;
	job->phase = FRAMES_UNDO;
	return 1;
}

/* New frames, some at a time; one that has windows is shown afterwards. */
static int allocate_some(struct memory_domain *d, unsigned flags, uint64_t *n)
{
	struct job *job = &d->job;
	uint64_t left = job->end - job->at, number = job->at;
	unsigned windows = windows_over(
		d->memory, job->to, number, least(left, ALLOCATE_FRAMES));
	int err;

	*n = least(left, windows ? 1 : ALLOCATE_FRAMES);
	err = container_allocate(job->to, number, n, flags);
	job->at += *n;
	if (*n && windows) {
		job->pending = 1;
		job->phase = FRAMES_SHOW;
	}
	return err;
}

/* What @can finds possible is done, and its error is told at the end. */
static int start_some(struct memory_domain *d, unsigned all_flags,
	int (*can)(const struct container *c, uint64_t start, uint64_t *count,
		unsigned flags))
{
	struct job *job = &d->job;
	uint64_t count = job->word[3];
	int err;

	if (job->word[4] > all_flags)
		return -EINVAL;
	err = job_hold(d, job->word[1], REFERENCE_FULL, &job->to);
	if (err)
		return err;
	job->err = can(job->to, job->word[2], &count, (unsigned)job->word[4]);
	if (!count)
		return job->err;
	job->start = job->at = job->word[2];
	job->end = job->start + count;
	return 0;
}

static int start_allocate(struct memory_domain *d)
{
	int err = start_some(d, ALLOCATE_FLAGS, container_can_allocate);

	if (!err)
		container_expect(d->job.to, d->job.end);
	return err;
}

/* The next number has a frame, which windows show: they must not when it goes. */
static bool is_shown(struct memory_domain *d)
{
	const struct job *job = &d->job;
	uint64_t missing;

	return container_has(job->to, job->at, 1, &missing) &&
	       windows_over(d->memory, job->to, job->at, 1);
}

/* Others may have used up frames meanwhile; what was squashed is lost. */
static int allocate_next(struct memory_domain *d)
{
	struct job *job = &d->job;
	unsigned flags = (unsigned)job->word[4];
	uint64_t n;
	int err = allocate_some(d, flags, &n);

	if (err && !(flags & (ALLOCATE_PARTIAL | ALLOCATE_SQUASH)))
		return fail(d, err);
	job->done += n;
	job->result[0] = job->done;
	if (err)
		return err;
	return job->pending || piece_more(job) ? 1 : job->err;
}

static int piece_allocate(struct memory_domain *d)
{
	struct job *job = &d->job;

	switch (job->phase) {
	case FRAMES_UNDO:
		return undo(d);
	case FRAMES_SHOW:
		if (!windows_show(d->memory, job->to, job->at - 1))
			return 1;
		job->phase = FRAMES_COME;
		job->pending = 0;
		return piece_more(job) ? 1 : job->err;
	case FRAMES_HIDE:
		if (!windows_hide(d->memory, job->to, job->at, 1))
			return 1;
		job->phase = FRAMES_COME;
		job->pending = 0;
		return allocate_next(d);
	}
	if (!is_shown(d))
		return allocate_next(d);
	job->phase = FRAMES_HIDE;
	job->pending = 1;
	return 1;
}

static int start_deallocate(struct memory_domain *d)
{
	const struct job *job = &d->job;
	int err = start_some(d, DEALLOCATE_FLAGS, container_can_deallocate);

	if (!err)
		windows_tell(
			d->memory, job->to, job->start, job->end - job->start);
	return err;
}

/* Nobody sees a frame that goes. */
static int piece_deallocate(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t left = job->end - job->at, dropped;

	if (!job->pending)
		job->pending =
			piece_of(windows_over(d->memory, job->to, job->at,
					 least(left, BOOK_FRAMES)),
				left);
	if (!windows_hide(d->memory, job->to, job->at, job->pending))
		return 1;
	dropped = job->pending;
	if (container_deallocate(job->to, job->at, &dropped, DEALLOCATE_SQUASH))
		return -EINVAL;
	job->at += job->pending;
	job->pending = 0;
	job->done += dropped;
	job->result[0] = job->done;
	return piece_more(job) ? 1 : job->err;
}

/* Another domain gets a weak reference, if the request names one. */
static int share_result(struct memory_domain *d, bool wanted)
{
	struct job *job = &d->job;
	unsigned given = 0;
	int err = 0;

	if (wanted && !job->peer)
		err = -EINVAL;
	else if (wanted)
		err = reference_give(&d->holder, job->ref, &job->peer->holder,
			REFERENCE_READ | REFERENCE_WRITE, &given);
	if (err)
		return fail(d, err);
	job->result[0] = job->ref;
	job->result[1] = given;
	return 0;
}

static int new_container(struct memory_domain *d, uint64_t account)
{
	struct job *job = &d->job;
	struct account *a = accounts_find(d, account);
	int err = a ? reference_create(&d->holder, a, &job->ref) : -EINVAL;

	if (!err)
		err = reference_use(
			&d->holder, job->ref, REFERENCE_FULL, &job->to);
	job->nr_results = 2;
	return err;
}

static int start_create_with(struct memory_domain *d)
{
	struct job *job = &d->job;
	int err;

	if (job->word[2] > ALLOCATE_FLAGS ||
		!container_range_ok(0, job->word[1]))
		return -EINVAL;
	job->end = job->word[1];
	err = new_container(d, job->word[4]);
	if (!err)
		container_expect(job->to, job->end);
	return err;
}

static int piece_create_with(struct memory_domain *d)
{
	struct job *job = &d->job;
	unsigned flags = (unsigned)job->word[2];
	uint64_t n;
	int err;

	if (job->phase == FRAMES_UNDO)
		return undo(d);
	err = allocate_some(d, flags, &n);
	if (err)
		return fail(d, err);
	return piece_more(job) ? 1 : share_result(d, job->word[3]);
}

static int start_create_from(struct memory_domain *d)
{
	struct job *job = &d->job;
	int err;

	if (job->word[4] & ~(uint64_t)ALLOCATE_EXTRA)
		return -EINVAL;
	err = piece_hold_range(d, REFERENCE_READ);
	if (err)
		return err;
	job->start = job->at = 0; /* of the new one */
	job->end = job->word[3];
	return new_container(d, job->word[6]);
}

/* The next frames of the source: no window is to show them writable.  Where there
 * are windows, they lie side by side in memory. */
static void lend_next(struct memory_domain *d, uint64_t from)
{
	struct job *job = &d->job;
	uint64_t left = job->end - job->at;
	unsigned windows = windows_over(
		d->memory, job->from, from, least(left, BOOK_FRAMES));
	bool own;

	job->pending = piece_of(windows, left);
	if (windows)
		job->pending = container_run(job->from, from,
			from + job->pending, &job->first, &own);
}

static int piece_create_from(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t from = job->word[2] + job->at;
	int err;

	if (job->phase == FRAMES_UNDO)
		return undo(d);
	if (!job->pending)
		lend_next(d, from);
	if (!windows_lend(d->memory, job->from, from, job->first, job->pending))
		return 1;
	err = container_copy_from(job->to, job->at, job->from, from,
		job->pending, (unsigned)job->word[4]);
	job->at += err ? 0 : job->pending;
	job->pending = 0;
	if (err)
		return fail(d, err);
	return piece_more(job) ? 1 : share_result(d, job->word[5]);
}

const struct operation operation_allocate = {start_allocate, piece_allocate};
const struct operation operation_deallocate = {
	start_deallocate, piece_deallocate};
const struct operation operation_create_with = {
	start_create_with, piece_create_with};
const struct operation operation_create_from = {
	start_create_from, piece_create_from};
