/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/service.h"

#include <errno.h>
#include <stdlib.h>

#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"

_Static_assert(ALLOCATE_PARTIAL == CONTAINER_ALLOCATE_PARTIAL, "passed on");
_Static_assert(ALLOCATE_SQUASH == CONTAINER_ALLOCATE_SQUASH, "passed on");
_Static_assert(ALLOCATE_EXTRA == CONTAINER_ALLOCATE_EXTRA, "passed on");
_Static_assert(DEALLOCATE_PARTIAL == CONTAINER_DEALLOCATE_PARTIAL, "");
_Static_assert(DEALLOCATE_SQUASH == CONTAINER_DEALLOCATE_SQUASH, "");
_Static_assert(REFERENCE_READ == CONTAINER_MAP_READ, "");
_Static_assert(REFERENCE_WRITE == CONTAINER_MAP_WRITE, "");

int memory_init(struct memory *m, struct frame_pool *pool, unsigned domains)
{
	uint32_t frames = domains * DOMAIN_FRAMES;
	int err;

	TAILQ_INIT(&m->domains);
	if (!domains)
		return 0;
	m->each = (struct account_amount){DOMAIN_FRAMES, DOMAIN_RUNS};
	if (m->each.runs > RUNS_MAX / domains)
		m->each.runs = RUNS_MAX / domains;
	m->pool.total = (struct account_amount){frames, domains * m->each.runs};
	err = content_create(&m->content, pool, frames);
	if (err)
		return err;
	return frame_table_init(&m->table, frames, m->content);
}

void memory_fini(struct memory *m)
{
	frame_table_fini(&m->table);
	if (m->content)
		content_destroy(m->content);
}

struct memory_domain *memory_join(struct memory *m, struct domain *owner,
	struct guestmem *mem, struct control_page *page, int *err)
{
	struct memory_domain *d = calloc(1, sizeof(*d));

	if (!d) {
		*err = -ENOMEM;
		return NULL;
	}
	d->memory = m;
	d->mem = mem;
	d->owner = owner;
	d->notices.page = page;
	holder_init(&d->holder, &m->table, &m->pool);
	*err = memslot_add(mem, (gpa_t){WINDOW_GPA}, WINDOW_SIZE);
	if (!*err)
		*err = account_admit(&d->holder.account, m->each);
	if (*err) {
		free(d);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->domains, d, link);
	return d;
}

void memory_leave(struct memory_domain *d)
{
	d->notices.page = NULL;
	windows_close_all(d);
	holder_fini(&d->holder);
	windows_sweep(d->memory);
	TAILQ_REMOVE(&d->memory->domains, d, link);
	/* Nothing is charged to it any more. */
	if (account_close(&d->holder.account))
		abort();
	free(d);
}

static int create(struct memory_domain *d, uint64_t *word)
{
	unsigned ref;
	int err = reference_create(&d->holder, &ref);

	if (!err)
		word[2] = ref;
	return err;
}

/* A new container that could not be filled goes again. */
static int forget(struct memory_domain *d, unsigned ref, int err)
{
	return reference_revoke(&d->holder, ref, true) ? -EINVAL : err;
}

static int create_with(struct memory_domain *d, uint64_t *word)
{
	uint64_t count = word[1];
	struct container *c = NULL;
	unsigned ref;
	int err;

	if (count > CONTAINER_COUNT_MAX || word[2] > ALLOCATE_FLAGS)
		return -EINVAL;
	err = reference_create(&d->holder, &ref);
	if (!err)
		err = reference_use(&d->holder, ref, REFERENCE_FULL, &c);
	if (err)
		return err;
	err = container_allocate(c, 0, &count, (unsigned)word[2]);
	if (err)
		return forget(d, ref, err);
	word[2] = ref;
	return 0;
}

static int create_from(struct memory_domain *d, uint64_t *word)
{
	struct container *from, *c = NULL;
	unsigned ref;
	int err = reference_use(&d->holder, word[1], REFERENCE_READ, &from);

	if (err)
		return err;
	if (word[3] > CONTAINER_COUNT_MAX || word[4] > ALLOCATE_FLAGS)
		return -EINVAL;
	err = reference_create(&d->holder, &ref);
	if (!err)
		err = reference_use(&d->holder, ref, REFERENCE_FULL, &c);
	if (err)
		return err;
	err = container_copy_from(c, from, word[2], word[3], (unsigned)word[4]);
	if (err)
		return forget(d, ref, err);
	windows_refresh(d->memory, from, word[2], word[3]);
	word[2] = ref;
	return 0;
}

static int destroy(struct memory_domain *d, uint64_t *word)
{
	int err = reference_destroy(&d->holder, word[1]);

	windows_sweep(d->memory);
	return err;
}

static int allocate(struct memory_domain *d, uint64_t *word)
{
	uint64_t start = word[2], count = word[3];
	struct container *c;
	int err = reference_use(&d->holder, word[1], REFERENCE_FULL, &c);

	word[2] = 0;
	if (err)
		return err;
	if (count > CONTAINER_COUNT_MAX || word[4] > ALLOCATE_FLAGS)
		return -EINVAL;
	err = container_allocate(c, start, &count, (unsigned)word[4]);
	windows_refresh(d->memory, c, start, count);
	word[2] = count;
	return err;
}

static int deallocate(struct memory_domain *d, uint64_t *word)
{
	uint64_t start = word[2], count = word[3];
	struct container *c;
	int err = reference_use(&d->holder, word[1], REFERENCE_FULL, &c);

	word[2] = 0;
	if (err)
		return err;
	if (count > CONTAINER_COUNT_MAX || word[4] > DEALLOCATE_FLAGS)
		return -EINVAL;
	err = container_deallocate(c, start, &count, (unsigned)word[4]);
	windows_refresh(d->memory, c, start, word[3]);
	word[2] = count;
	return err;
}

/* Whether all of a range is there and, if it is to be, can be written. */
static int prepare(struct memory_domain *d, struct container *c,
	const struct window *w, bool force, bool *writable)
{
	bool own;

	for (uint64_t i = w->start; i < w->start + w->count; i++)
		if (container_lookup(c, i, &own) == FRAME_NONE)
			return -ENOENT;
	for (uint64_t i = w->start; i < w->start + w->count; i++) {
		if (force && container_write(c, i) > 0)
			windows_refresh(d->memory, c, i, 1);
		(void)container_lookup(c, i, &own);
		*writable &= own;
	}
	return 0;
}

static int map(struct memory_domain *d, uint64_t *word)
{
	uint64_t flags = word[4];
	bool writable = flags & CONTAINER_MAP_WRITE;
	bool force = writable && (flags & CONTAINER_MAP_FORCE_WRITE);
	struct window w = {
		.gpa = {word[5]}, .start = word[2], .count = word[3]};
	int err;

	word[2] = 0;
	if (!(flags & CONTAINER_MAP_READ) || flags > 7 ||
		w.count > CONTAINER_COUNT_MAX ||
		!container_range_ok(w.start, w.count))
		return -EINVAL;
	err = reference_use(&d->holder, word[1],
		REFERENCE_READ | (writable ? REFERENCE_WRITE : 0),
		&w.container);
	if (!err)
		err = prepare(d, w.container, &w, force, &writable);
	if (err)
		return err;
	w.ref = (unsigned)word[1];
	w.serial = d->holder.reference[w.ref].serial;
	w.writable = writable;
	err = window_open(d, &w);
	if (!err)
		word[2] = CONTAINER_MAP_READ |
			  (writable ? CONTAINER_MAP_WRITE : 0);
	return err;
}

static int give(struct memory_domain *d, struct memory_domain *peer,
	uint64_t *word, unsigned rights)
{
	unsigned given;
	int err;

	word[2] = 0;
	if (!peer)
		return -EINVAL;
	err = reference_give(
		&d->holder, word[1], &peer->holder, rights, &given);
	if (!err)
		word[2] = given;
	return err;
}

static int share(
	struct memory_domain *d, struct memory_domain *peer, uint64_t *word)
{
	if (word[2] & ~(uint64_t)(REFERENCE_READ | REFERENCE_WRITE))
		return -EINVAL;
	return give(d, peer, word, (unsigned)word[2]);
}

static int revoke(struct memory_domain *d, uint64_t *word)
{
	int err;

	if (word[2] > 1)
		return -EINVAL;
	err = reference_revoke(&d->holder, word[1], word[2]);
	windows_sweep(d->memory);
	return err;
}

/* The source becomes read-only where it is mapped, the other changes. */
static int copy(struct memory_domain *d, uint64_t *word)
{
	struct container *from, *to;
	uint64_t from_start = word[2], to_start = word[4], count = word[5];
	int err = reference_use(&d->holder, word[1], REFERENCE_READ, &from);

	word[2] = 0;
	if (!err)
		err = reference_use(&d->holder, word[3], REFERENCE_WRITE, &to);
	if (!err && count > CONTAINER_COUNT_MAX)
		err = -EINVAL;
	if (!err)
		err = container_copy(
			from, from_start, to, to_start, count, &word[2]);
	if (err)
		return err;
	windows_refresh(d->memory, from, from_start, count);
	windows_refresh(d->memory, to, to_start, count);
	return 0;
}

static int copy_gather(struct memory_domain *d, uint64_t *word)
{
	struct container *from, *to;
	uint64_t dest = word[2], to_start = word[3], count = word[4];
	int err = reference_use(&d->holder, word[1], REFERENCE_READ, &from);

	word[2] = 0;
	if (!err)
		err = reference_use(&d->holder, dest, REFERENCE_WRITE, &to);
	if (!err && count > CONTAINER_GATHER_MAX)
		err = -EINVAL;
	if (!err)
		err = container_copy_gather(
			from, &word[5], to, to_start, count, &word[2]);
	if (err)
		return err;
	for (uint64_t i = 0; i < count; i++)
		windows_refresh(d->memory, from, word[5 + i], 1);
	windows_refresh(d->memory, to, to_start, count);
	return 0;
}

static int lock(struct memory_domain *d, uint64_t *word)
{
	struct container *c;
	int err;

	if (word[2] > 1)
		return -EINVAL;
	err = reference_lock(&d->holder, word[1]);
	if (!err)
		err = reference_use(&d->holder, word[1], 0, &c);
	if (!err && word[2])
		windows_close_others(d, c);
	return err;
}

static int tell_account(const struct memory_domain *d, uint64_t *word)
{
	const struct account *a = &d->holder.account;

	word[2] = a->guaranteed.frames;
	word[3] = a->used.frames;
	word[4] = a->guaranteed.runs;
	word[5] = a->used.runs;
	return 0;
}

static int carry_out(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, uint64_t *word)
{
	switch (label) {
	case CONTAINER_CREATE:
		return create(d, word);
	case CONTAINER_CREATE_WITH:
		return create_with(d, word);
	case CONTAINER_CREATE_FROM:
		return create_from(d, word);
	case CONTAINER_DESTROY:
		return destroy(d, word);
	case CONTAINER_ALLOCATE:
		return allocate(d, word);
	case CONTAINER_DEALLOCATE:
		return deallocate(d, word);
	case CONTAINER_MAP:
		return map(d, word);
	case CONTAINER_UNMAP:
		return window_close(d, (gpa_t){word[1]});
	case CONTAINER_SHARE:
		return share(d, peer, word);
	case CONTAINER_GRANT_ACCESS:
		return give(d, peer, word, REFERENCE_RIGHTS);
	case CONTAINER_REVOKE:
		return revoke(d, word);
	case CONTAINER_COPY:
		return copy(d, word);
	case CONTAINER_COPY_GATHER:
		return copy_gather(d, word);
	case CONTAINER_LOCK:
		return lock(d, word);
	case CONTAINER_UNLOCK:
		return reference_unlock(&d->holder, word[1]);
	case CONTAINER_ACCOUNT:
		return tell_account(d, word);
	default:
		return -EINVAL;
	}
}

static uint64_t error_code(int err)
{
	switch (-err) {
	case 0:
		return VMM_OK;
	case EACCES:
		return VMM_EACCESS;
	case EBADF:
		return VMM_EBADREF;
	case EBUSY:
		return VMM_EBUSY;
	case EDQUOT:
		return VMM_EQUOTA;
	case EEXIST:
		return VMM_EEXIST;
	case ENFILE:
		return VMM_ENOSLOT;
	case ENOENT:
		return VMM_ENOENT;
	case ENOMEM:
		return VMM_ENOMEM;
	case ENOSPC:
		return VMM_ENOSPC_RUNS;
	default:
		return VMM_EINVAL;
	}
}

uint64_t memory_answer(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, uint64_t *word, unsigned *nr_words)
{
	*nr_words = label == CONTAINER_ACCOUNT ? 6 : 3;
	return error_code(carry_out(d, peer, label, word));
}
