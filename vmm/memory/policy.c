/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/policy.h"

#include <stdlib.h>

#include "vmm/abi/policy.h"
#include "vmm/memory/accounts.h"

/* What has no number that small is as good as the largest. */
static uint32_t number(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static struct shared_container *buffer_of(const struct memory *m)
{
	return m->own.reference[m->buffer].of;
}

/* A copy of it is under way, and there might be no memory for both. */
static bool buffer_is_lent(const struct memory *m)
{
	const struct memory_domain *busy = buffer_of(m)->busy;

	return busy && busy->job.pending;
}

/* A logical copy that somebody made keeps what it had. */
static struct policy_buffer *buffer_to_write(struct memory *m)
{
	struct container *c = buffer_of(m)->container;
	bool writable;

	if (container_write(c, 0) > 0)
		windows_refresh(m, c, 0, 1);
	return content_frame(m->content, container_lookup(c, 0, &writable));
}

static void store(uint32_t *field, uint32_t value)
{
	__atomic_store_n(field, value, __ATOMIC_RELAXED);
}

static void store_domain(
	struct policy_domain *to, const struct policy_domain *from)
{
	const uint32_t *value = (const uint32_t *)(const void *)from;
	uint32_t *field = (uint32_t *)(void *)to;

	for (unsigned i = 0; i < sizeof(*to) / sizeof(*field); i++)
		store(&field[i], value[i]);
}

static struct policy_domain describe(const struct memory_domain *d)
{
	const struct account *a = &d->holder.account;
	struct account_amount guaranteed, used;

	accounts_sum(d, &guaranteed, &used);
	return (struct policy_domain){
		.flags = POLICY_LIVE | (d->balloon ? POLICY_BALLOON : 0),
		.share = d->share,
		.guaranteed = number(guaranteed.frames - a->fixed),
		.used = number(used.frames - a->fixed),
		.lent = number(account_lent(a)),
		.limit = number(a->extra),
		.owed = number(account_excess(a)),
		.refused = (uint32_t)a->refused,
		.wanted = number(a->wanted),
		.forced = (uint32_t)d->reclaim.forced,
		.most = number(
			d->balloon ? d->balloon : d->memory->pool.total.frames),
		.faults = d->faults,
	};
}

void policy_publish(struct memory *m)
{
	struct policy_buffer *buffer;
	struct memory_domain *d;

	/* Whoever copies it says so when that is done. */
	if (!m->buffer || buffer_is_lent(m))
		return;
	buffer = buffer_to_write(m);
	store(&buffer->version, POLICY_ABI_VERSION);
	store(&buffer->total, number(m->pool.total.frames));
	store(&buffer->guaranteed,
		number(m->pool.guaranteed.frames + m->returning.extra));
	TAILQ_FOREACH(d, &m->domains, link)
	{
		const struct policy_domain now = describe(d);

		store_domain(&buffer->domain[d->holder.index], &now);
	}
}

void policy_forget(struct memory *m, unsigned index)
{
	const struct policy_domain none = {0};

	if (!m->buffer)
		return;
	while (buffer_is_lent(m))
		job_piece(buffer_of(m)->busy);
	store_domain(&buffer_to_write(m)->domain[index], &none);
}

static int make_buffer(struct memory *m)
{
	uint64_t count = 1;
	unsigned name;
	int err = reference_create(&m->own, &m->own.account, &name);

	if (err)
		return err;
	/* One frame is kept for it. */
	if (container_allocate(
		    m->own.reference[name].of->container, 0, &count, 0))
		abort();
	m->buffer = name;
	policy_publish(m);
	return 0;
}

int policy_open(struct memory_domain *d, unsigned *ref)
{
	struct memory *m = d->memory;
	int err = m->buffer ? 0 : make_buffer(m);

	return err ? err
		   : reference_give(&m->own, m->buffer, &d->holder,
			     REFERENCE_READ, ref);
}

/* Few windows show the same frame, and requests about one frame are short. */
void policy_close(struct memory *m)
{
	struct shared_container *s;
	struct memory_domain *owner;
	struct window *w;

	if (!m->buffer)
		return;
	s = buffer_of(m);
	while (s->busy)
		job_piece(s->busy);
	s = reference_destroy(&m->own, m->buffer);
	m->buffer = 0;
	while ((w = window_stale(m, s->container, NULL, &owner)))
		window_close(owner, w);
	shared_free(s);
}
