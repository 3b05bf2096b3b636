/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/operation.h"

#include <errno.h>
#include <string.h>

#include "vmm/abi/container.h"
#include "vmm/memory/accounts.h"

/* Frames of books alone, and numbers that may have frames to drop. */
#define BOOK_FRAMES 256u
#define ALLOCATE_FRAMES 32u /* zeroed, where no window is */
#define LOOK_FRAMES 2048u   /* are only looked at */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many frames one piece may change, shown in @windows as one mapping. */
static uint64_t piece_of(unsigned windows, uint64_t left)
{
	uint64_t n = !windows		      ? BOOK_FRAMES
		     : windows < PIECE_FRAMES ? PIECE_FRAMES / windows
					      : 1;

	return least(left, n);
}

static int more(const struct job *job)
{
	return job->at < job->end;
}

/* --- references that went, and what they showed --- */

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

/* --- frames --- */

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
	job->phase = 1; /* undo() */
	return 1;
}

/* New frames, some at a time: each may need a mapping in each window. */
static int allocate_some(struct memory_domain *d, unsigned flags, uint64_t *n)
{
	struct job *job = &d->job;
	uint64_t left = job->end - job->at;
	unsigned windows = windows_over(
		d->memory, job->to, job->at, least(left, ALLOCATE_FRAMES));
	int err;

	*n = least(left, windows ? 1 : ALLOCATE_FRAMES);
	err = container_allocate(job->to, job->at, n, flags);
	windows_refresh(d->memory, job->to, job->at, *n);
	job->at += *n;
	return err;
}

static int start_allocate(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t count = job->word[3];
	int err;

	if (job->word[4] > ALLOCATE_FLAGS)
		return -EINVAL;
	err = job_hold(d, job->word[1], REFERENCE_FULL, &job->to);
	if (err)
		return err;
	err = container_can_allocate(
		job->to, job->word[2], &count, (unsigned)job->word[4]);
	if (!count)
		return err;
	job->start = job->at = job->word[2];
	job->end = job->start + count;
	job->err = err;
	container_expect(job->to, job->end);
	return 0;
}

/* Others may have used up frames meanwhile; what was squashed is lost. */
static int piece_allocate(struct memory_domain *d)
{
	struct job *job = &d->job;
	unsigned flags = (unsigned)job->word[4];
	uint64_t n;
	int err;

	if (job->phase)
		return undo(d);
	err = allocate_some(d, flags, &n);
	if (err && !(flags & (ALLOCATE_PARTIAL | ALLOCATE_SQUASH)))
		return fail(d, err);
	job->done += n;
	job->result[0] = job->done;
	if (err)
		return err;
	return more(job) ? 1 : job->err;
}

static int start_deallocate(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t count = job->word[3];
	int err;

	if (job->word[4] > DEALLOCATE_FLAGS)
		return -EINVAL;
	err = job_hold(d, job->word[1], REFERENCE_FULL, &job->to);
	if (err)
		return err;
	err = container_can_deallocate(
		job->to, job->word[2], &count, (unsigned)job->word[4]);
	if (!count)
		return err;
	job->at = job->word[2];
	job->end = job->at + count;
	job->err = err;
	windows_tell(d->memory, job->to, job->at, count);
	return 0;
}

static int piece_deallocate(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t left = job->end - job->at;
	uint64_t n = piece_of(windows_over(d->memory, job->to, job->at,
				      least(left, BOOK_FRAMES)),
		left);
	uint64_t dropped = n;

	if (container_deallocate(job->to, job->at, &dropped, DEALLOCATE_SQUASH))
		return -EINVAL;
	windows_refresh(d->memory, job->to, job->at, n);
	job->at += n;
	job->done += dropped;
	job->result[0] = job->done;
	return more(job) ? 1 : job->err;
}

/* --- containers with something in them --- */

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

	if (job->phase)
		return undo(d);
	err = allocate_some(d, flags, &n);
	if (err)
		return fail(d, err);
	return more(job) ? 1 : share_result(d, job->word[3]);
}

/* The frames words 2 and 3 name, all there, of the container of word 1. */
static int hold_range(struct memory_domain *d, unsigned rights)
{
	struct job *job = &d->job;
	uint64_t missing;
	int err;

	if (!container_range_ok(job->word[2], job->word[3]))
		return -EINVAL;
	err = job_hold(d, job->word[1], rights, &job->from);
	if (err)
		return err;
	return container_has(job->from, job->word[2], job->word[3], &missing)
		       ? 0
		       : -ENOENT;
}

static int start_create_from(struct memory_domain *d)
{
	struct job *job = &d->job;
	int err;

	if (job->word[4] & ~(uint64_t)ALLOCATE_EXTRA)
		return -EINVAL;
	err = hold_range(d, REFERENCE_READ);
	if (err)
		return err;
	job->end = job->word[3];
	return new_container(d, job->word[6]);
}

static int piece_create_from(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t from = job->word[2] + job->at, left = job->end - job->at, n;
	int err;

	if (job->phase)
		return undo(d);
	n = piece_of(windows_over(d->memory, job->from, from,
			     least(left, BOOK_FRAMES)),
		left);
	err = container_copy_from(
		job->to, job->at, job->from, from, n, (unsigned)job->word[4]);
	if (err)
		return fail(d, err);
	windows_refresh(d->memory, job->from, from, n);
	job->at += n;
	return more(job) ? 1 : share_result(d, job->word[5]);
}

/* --- windows --- */

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
	err = hold_range(d, (unsigned)rights);
	if (err)
		return err;
	job->start = job->at = job->word[2];
	job->end = job->start + job->word[3];
	job->writable = flags & CONTAINER_MAP_WRITE;
	job->phase =
		flags & CONTAINER_MAP_FORCE_WRITE && flags & CONTAINER_MAP_WRITE
			? MAP_FORCE
			: MAP_LOOK;
	return 0;
}

/* Returns true at the end, and begins anew. */
static bool force_some(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t end = least(job->end, job->at + BOOK_FRAMES);
	int changed = 0;

	while (job->at < end && !changed) {
		changed = container_write(job->from, job->at) > 0;
		if (changed)
			windows_refresh(d->memory, job->from, job->at, 1);
		job->at++;
	}
	if (job->at < job->end)
		return false;
	job->at = job->start;
	return true;
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
	if (more(job))
		return 1;
	err = open_window(d);
	return err ? err : 1;
}

static int piece_map(struct memory_domain *d)
{
	struct job *job = &d->job;
	int n;

	if (job->phase == MAP_FORCE) {
		if (force_some(d))
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
	if (more(job))
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

/* --- device addresses --- */

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
	err = hold_range(d, (unsigned)rights);
	if (err)
		return err;
	job->start = job->at = job->word[2];
	job->end = job->start + job->word[3];
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
	return more(job) && job->nr_results < 1 + 2 * CONTAINER_PHYSICAL_MAX;
}

static int piece_lock_physical(struct memory_domain *d)
{
	struct job *job = &d->job;

	if (job->phase == PHYSICAL_TELL)
		return tell_physical(d);
	if (job->phase == PHYSICAL_FORCE) {
		if (force_some(d))
			job->phase =
				job->word[5] ? PHYSICAL_UNMAP : PHYSICAL_TELL;
	} else if (!unmap_others(d)) {
		job->phase = PHYSICAL_TELL;
	}
	return 1;
}

/* --- logical copies --- */

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

/* Whether all frames are there; they stay so while the job has them. */
static int check_copy(struct job *job)
{
	uint64_t bad = 0;
	int err = 0;

	if (job->label == CONTAINER_COPY) {
		if (!container_has(job->from, job->word[2], job->end, &bad))
			err = -ENOENT;
		else if (!container_has(job->to, job->word[4], job->end, &bad))
			err = -ENOMEM;
		job->result[0] = err ? bad : 0;
		return err;
	}
	for (uint64_t i = 0; i < job->end && !err; i++)
		if (!container_has(job->from, from_number(job, i), 1, &bad))
			err = -ENOENT;
	for (uint64_t i = 0; i < job->end && !err; i++)
		if (!container_has(job->to, to_number(job, i), 1, &bad))
			err = -ENOMEM;
	job->result[0] = err ? bad : 0;
	return err;
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
	return check_copy(job);
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

/*
 * Two pieces for some frames: first nobody can write the source any more, then
 * the destination becomes the same.
 */
static int piece_copy(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t from = from_number(job, job->at);
	uint64_t to = to_number(job, job->at), n;
	unsigned windows =
		windows_over(d->memory, job->from, from, BOOK_FRAMES) +
		windows_over(d->memory, job->to, to, BOOK_FRAMES);

	if (!job->lent) {
		n = copy_run(job, piece_of(windows, job->end - job->at));
		job->first = container_lend(job->from, from, n);
		windows_refresh(d->memory, job->from, from, n);
		job->lent = n;
		return 1;
	}
	n = job->lent;
	job->lent = 0;
	container_adopt(job->to, to, job->first, n);
	windows_refresh(d->memory, job->to, to, n);
	job->at += n;
	return more(job);
}

/* --- the table --- */

static const struct operation {
	int (*start)(struct memory_domain *d);
	int (*piece)(struct memory_domain *d);
} operations[CONTAINER_OP_LAST - CONTAINER_OP_FIRST + 1] = {
#define OPERATION(name, start, piece) \
	[CONTAINER_##name - CONTAINER_OP_FIRST] = {start, piece}
	OPERATION(CREATE_WITH, start_create_with, piece_create_with),
	OPERATION(CREATE_FROM, start_create_from, piece_create_from),
	OPERATION(DESTROY, start_destroy, piece_revoke),
	OPERATION(ALLOCATE, start_allocate, piece_allocate),
	OPERATION(DEALLOCATE, start_deallocate, piece_deallocate),
	OPERATION(MAP, start_map, piece_map),
	OPERATION(UNMAP, start_unmap, piece_unmap),
	OPERATION(REVOKE, start_plain_revoke, piece_revoke),
	OPERATION(COPY, start_copy, piece_copy),
	OPERATION(COPY_GATHER, start_gather, piece_copy),
	OPERATION(COPY_SCATTER, start_scatter, piece_copy),
	OPERATION(LOCK, start_lock, piece_lock),
	OPERATION(LOCK_PHYSICAL, start_lock_physical, piece_lock_physical),
#undef OPERATION
};

bool operation_keeps_frames(uint64_t label)
{
	return label == CONTAINER_MAP || label == CONTAINER_LOCK ||
	       label == CONTAINER_LOCK_PHYSICAL;
}

bool operation_is_known(uint64_t label)
{
	return label >= CONTAINER_OP_FIRST && label <= CONTAINER_OP_LAST &&
	       operations[label - CONTAINER_OP_FIRST].start;
}

int operation_start(struct memory_domain *d)
{
	return operations[d->job.label - CONTAINER_OP_FIRST].start(d);
}

int operation_piece(struct memory_domain *d)
{
	return operations[d->job.label - CONTAINER_OP_FIRST].piece(d);
}
