/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/service.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"
#include "vmm/memory/accounts.h"
#include "vmm/memory/control.h"
#include "vmm/memory/piece.h"
#include "vmm/memory/policy.h"

#define OWN_FRAMES 1u /* the policy buffer */

_Static_assert(ALLOCATE_PARTIAL == CONTAINER_ALLOCATE_PARTIAL, "passed on");
_Static_assert(ALLOCATE_SQUASH == CONTAINER_ALLOCATE_SQUASH, "passed on");
_Static_assert(ALLOCATE_EXTRA == CONTAINER_ALLOCATE_EXTRA, "passed on");
_Static_assert(DEALLOCATE_PARTIAL == CONTAINER_DEALLOCATE_PARTIAL, "");
_Static_assert(DEALLOCATE_SQUASH == CONTAINER_DEALLOCATE_SQUASH, "");
_Static_assert(REFERENCE_READ == CONTAINER_MAP_READ, "");
_Static_assert(REFERENCE_WRITE == CONTAINER_MAP_WRITE, "");

int memory_init(struct memory *m, struct frame_pool *pool,
	const struct memory_share *all)
{
	uint64_t frames = all->guaranteed + all->extra;
	int err;

	TAILQ_INIT(&m->domains);
	if (!frames)
		return 0;
	m->pool = (struct account_pool){.total = {frames, all->runs}};
	m->own_pool = (struct account_pool){.total = {OWN_FRAMES, 0}};
	frames += OWN_FRAMES;
	err = content_create(&m->content, pool, frames);
	if (err)
		return err;
	holder_init(&m->own, UINT_MAX, &m->table, &m->own_pool);
	m->own.account.extra = 0;
	account_open(&m->absent, &m->pool);
	account_open(&m->returning, &m->pool);
	m->returning.extra = 0;
	if (account_admit(
		    &m->own.account, (struct account_amount){OWN_FRAMES, 0}) ||
		account_admit(&m->absent,
			(struct account_amount){all->guaranteed, all->runs}))
		abort();
	return frame_table_init(&m->table, (uint32_t)frames, m->content);
}

void memory_fini(struct memory *m)
{
	frame_table_fini(&m->table);
	if (m->content)
		content_destroy(m->content);
}

/*
 * All of it, at the system's start.  A domain that is restarted gets what is
 * left, if a part of its guarantee was moved to others.
 */
static struct account_amount left_of(
	const struct memory *m, const struct memory_share *share)
{
	return (struct account_amount){
		least(share->guaranteed, m->absent.guaranteed.frames),
		least(share->runs, m->absent.guaranteed.runs),
	};
}

struct memory_domain *memory_join(struct memory *m, struct domain *owner,
	unsigned index, struct guestmem *mem, struct control_page *page,
	const struct memory_share *share, int *err)
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
	mem->dma.content = m->content;
	if (m->content) {
		mem->frames = content_frame(m->content, 0);
		mem->frames_from = content_index(m->content, 0);
	}
	holder_init(&d->holder, index, &m->table, &m->pool);
	d->holder.account.extra = d->extra = share->extra;
	reclaim_returned(m);
	*err = account_charge(&d->holder.account, share->balloon, true);
	if (*err) {
		free(d);
		return NULL;
	}
	/* It is there, and nobody uses it. */
	if (account_split(&m->absent, &d->holder.account, left_of(m, share)))
		abort();
	d->holder.account.fixed = share->ram;
	d->share = share->share;
	d->may_control = share->may_control;
	d->reclaim.irq = RECLAIM_NO_IRQ;
	d->balloon = d->reclaim.granted = share->balloon;
	TAILQ_INSERT_TAIL(&m->domains, d, link);
	reclaim_changed(m);
	return d;
}

static bool leave_window(struct memory_domain *d)
{
	struct window *w = window_any(d);

	if (w)
		window_shrink(d, w);
	return w != NULL;
}

/* As if it had asked for it: a lock of another domain does not count. */
static bool leave_container(struct memory_domain *d)
{
	unsigned name = holder_any(&d->holder);
	const uint64_t word[MESSAGE_WORDS] = {0, name, 1};
	struct shared_container *s;

	if (!name)
		return false;
	s = d->holder.reference[name].of;
	if (s->busy) {
		job_piece(s->busy);
		return true;
	}
	job_begin(d, CONTAINER_REVOKE, word, NULL);
	d->job.state = JOB_RUNS;
	d->job.from = s->container;
	d->job.orphan = reference_revoke(&d->holder, name, true);
	if (!d->job.orphan) {
		s->busy = d;
		d->job.held[0] = s;
	}
	return true;
}

/* Others are just destroying containers that are charged to it. */
static bool leave_orphans(struct memory_domain *d)
{
	struct memory_domain *other;

	TAILQ_FOREACH(other, &d->memory->domains, link)
	if (other->job.orphan &&
		container_account(other->job.from) == &d->holder.account) {
		job_piece(other);
		return true;
	}
	return false;
}

/* Nothing is left of it but itself. */
static void forget(struct memory_domain *d)
{
	TAILQ_REMOVE(&d->memory->domains, d, link);
	if (d->balloon)
		account_release(
			&d->holder.account, d->holder.account.used.frames);
	/* Nothing is charged to it any more. */
	if (accounts_close(d))
		abort();
	policy_forget(d->memory, d->holder.index);
	reclaim_changed(d->memory);
	free(d);
}

static bool leave_job(struct memory_domain *d)
{
	if (d->job.state != JOB_RUNS)
		return false;
	job_piece(d);
	return true;
}

/* After a piece that was not the last one. */
static enum memory_piece not_done(const struct memory *m)
{
	return m->waits ? MEMORY_WAITS : MEMORY_MORE;
}

enum memory_piece memory_leave(struct memory_domain *d)
{
	d->notices.page = NULL;
	job_peer_left(d);
	control_leave(d);
	d->memory->waits = false;
	if (leave_job(d))
		return not_done(d->memory);
	/* Requests of its devices may be under way. */
	if (!dma_end(&d->mem->dma, NULL))
		return MEMORY_WAITS;
	if (leave_window(d) || leave_container(d) || leave_orphans(d))
		return not_done(d->memory);
	forget(d);
	return MEMORY_DONE;
}

static int create(struct memory_domain *d)
{
	struct account *account = accounts_find(d, d->job.word[1]);
	unsigned ref;
	int err =
		account ? reference_create(&d->holder, account, &ref) : -EINVAL;

	if (!err)
		d->job.result[0] = ref;
	return err;
}

static int give(struct memory_domain *d, unsigned rights)
{
	struct job *job = &d->job;
	unsigned given;
	int err;

	if (!job->peer)
		return -EINVAL;
	err = reference_give(
		&d->holder, job->word[1], &job->peer->holder, rights, &given);
	if (!err)
		job->result[0] = given;
	return err;
}

static int share(struct memory_domain *d)
{
	uint64_t rights = d->job.word[2];

	if (rights & ~(uint64_t)(REFERENCE_READ | REFERENCE_WRITE))
		return -EINVAL;
	return give(d, (unsigned)rights);
}

static int tell_origin(struct memory_domain *d)
{
	unsigned index;
	int err = reference_origin(&d->holder, d->job.word[1], &index);

	if (!err)
		d->job.result[0] = index;
	return err;
}

static int unlock(struct memory_domain *d)
{
	struct container *c;
	int err = reference_use(&d->holder, d->job.word[1], 0, &c);

	if (err)
		return err;
	if (!dma_end(&d->mem->dma, c))
		return -EBUSY;
	return reference_unlock(&d->holder, d->job.word[1]);
}

/* What is too short for pieces. */
static int carry_out(struct memory_domain *d)
{
	switch (d->job.label) {
	case CONTAINER_CREATE:
		return create(d);
	case CONTAINER_SHARE:
		return share(d);
	case CONTAINER_GRANT_ACCESS:
		return give(d, REFERENCE_RIGHTS);
	case CONTAINER_UNLOCK:
		return unlock(d);
	case CONTAINER_ORIGIN:
		return tell_origin(d);
	default:
		return accounts_answer(d);
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

void memory_request(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, const uint64_t *word)
{
	job_begin(d, label, word, peer);
	if (operation_is_known(label))
		return;
	d->job.err = carry_out(d);
	d->job.state = JOB_DONE;
	reclaim_changed(d->memory);
}

enum memory_piece memory_step(struct memory_domain *d)
{
	d->memory->waits = false;
	job_piece(d);
	reclaim_changed(d->memory);
	return d->job.state == JOB_DONE ? MEMORY_DONE : not_done(d->memory);
}

uint64_t memory_reply(struct memory_domain *d, uint64_t *word, unsigned *nr)
{
	memcpy(&word[2], d->job.result,
		d->job.nr_results * sizeof(d->job.result[0]));
	*nr = 2 + d->job.nr_results;
	d->job.state = JOB_NONE;
	return error_code(d->job.err);
}
