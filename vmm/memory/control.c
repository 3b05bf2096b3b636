/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/control.h"

#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/accounts.h"
#include "vmm/memory/policy.h"

#define LIMIT_MAX (UINT64_C(1) << 28) /* frames: a TiB */

static int take_control(struct memory_domain *d)
{
	struct memory *m = d->memory;

	if (!d->may_control)
		return -EACCES;
	if (m->control && m->control != d)
		return -EBUSY;
	m->control = d;
	return 0;
}

static struct memory_domain *domain_find(struct memory *m, uint64_t index)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	if (d->holder.index == index)
		return d;
	return NULL;
}

static int read_domain(struct memory_domain *d)
{
	struct memory_domain *of = domain_find(d->memory, d->job.word[1]);
	struct account_amount guaranteed, used;

	if (!of)
		return -ENOENT;
	accounts_sum(of, &guaranteed, &used);
	accounts_reply(&d->job, &guaranteed, &used);
	d->job.nr_results = 5;
	d->job.result[4] = policy_faults(of->owner);
	of->faults = (uint32_t)d->job.result[4];
	return 0;
}

static int move(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;
	const struct account_amount amount = {word[3], word[4]};
	struct memory_domain *from = domain_find(d->memory, word[1]);
	struct memory_domain *to = domain_find(d->memory, word[2]);

	if (!from || !to)
		return -ENOENT;
	if (from == to)
		return -EINVAL;
	return account_split(
		&from->holder.account, &to->holder.account, amount);
}

static int pass_control(struct memory_domain *d)
{
	if (!d->job.peer)
		return -EINVAL;
	if (d->job.peer != d)
		policy_close(d->memory);
	d->memory->control = d->job.peer;
	return 0;
}

static int limit(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;
	struct memory_domain *of = domain_find(d->memory, word[1]);

	if (!of)
		return -ENOENT;
	if (word[2] > LIMIT_MAX || word[3] > RECLAIM_US_MAX)
		return -EINVAL;
	d->job.result[0] = reclaim_limit(of, word[2], word[3]);
	return 0;
}

static int open_buffer(struct memory_domain *d)
{
	unsigned ref;
	int err = policy_open(d, &ref);

	if (!err)
		d->job.result[0] = ref;
	return err;
}

void control_leave(struct memory_domain *d)
{
	if (d->memory->control != d)
		return;
	policy_close(d->memory);
	d->memory->control = NULL;
}

/* What only who has control may ask for. */
static int carry_out(struct memory_domain *d)
{
	switch (d->job.label) {
	case CONTAINER_CONTROL_PASS:
		return pass_control(d);
	case CONTAINER_CONTROL_READ:
		return read_domain(d);
	case CONTAINER_CONTROL_MOVE:
		return move(d);
	case CONTAINER_CONTROL_LIMIT:
		return limit(d);
	case CONTAINER_CONTROL_BUFFER:
		return open_buffer(d);
	default:
		return -EINVAL;
	}
}

int control_answer(struct memory_domain *d)
{
	if (d->job.label == CONTAINER_CONTROL)
		return take_control(d);
	return d->memory->control == d ? carry_out(d) : -EACCES;
}
