/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/accounts.h"

#include <errno.h>

#include "vmm/abi/container.h"
#include "vmm/memory/control.h"

struct account *accounts_find(struct memory_domain *d, uint64_t name)
{
	if (!name)
		return &d->holder.account;
	if (name >= ACCOUNTS_MAX || !d->split[name - 1].pool)
		return NULL;
	return &d->split[name - 1];
}

bool accounts_have(const struct memory_domain *d, const struct account *account)
{
	if (account == &d->holder.account)
		return true;
	for (unsigned i = 0; i < ACCOUNTS_MAX - 1; i++)
		if (account == &d->split[i])
			return true;
	return false;
}

static void add(struct account_amount *sum, const struct account_amount *more)
{
	sum->frames += more->frames;
	sum->runs += more->runs;
}

void accounts_sum(const struct memory_domain *d,
	struct account_amount *guaranteed, struct account_amount *used)
{
	*guaranteed = d->holder.account.guaranteed;
	*used = d->holder.account.used;
	for (unsigned i = 0; i < ACCOUNTS_MAX - 1; i++) {
		add(guaranteed, &d->split[i].guaranteed);
		add(used, &d->split[i].used);
	}
	guaranteed->frames += d->holder.account.fixed;
	used->frames += d->holder.account.fixed;
}

int accounts_close(struct memory_domain *d)
{
	int err = 0;

	for (unsigned i = 0; i < ACCOUNTS_MAX - 1 && !err; i++)
		if (d->split[i].pool)
			err = account_merge(&d->memory->absent, &d->split[i]);
	if (!err)
		err = account_merge(&d->memory->absent, &d->holder.account);
	return err;
}

void accounts_reply(struct job *job, const struct account_amount *guaranteed,
	const struct account_amount *used)
{
	job->nr_results = 4;
	job->result[0] = guaranteed->frames;
	job->result[1] = used->frames;
	job->result[2] = guaranteed->runs;
	job->result[3] = used->runs;
}

static int tell(struct memory_domain *d)
{
	const struct account *a = accounts_find(d, d->job.word[1]);

	if (!a)
		return -EINVAL;
	accounts_reply(&d->job, &a->guaranteed, &a->used);
	d->job.result[0] += a->fixed;
	d->job.result[1] += a->fixed;
	d->job.nr_results = 7;
	d->job.result[4] = a->extra;
	d->job.result[5] = account_excess(a);
	d->job.result[6] = d->job.result[5] ? reclaim_left_us(d->owner) : 0;
	return 0;
}

static int split(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;
	const struct account_amount amount = {word[2], word[3]};
	struct account *from = accounts_find(d, word[1]);
	unsigned name = 1;
	int err;

	if (!from)
		return -EINVAL;
	while (name < ACCOUNTS_MAX && d->split[name - 1].pool)
		name++;
	if (name == ACCOUNTS_MAX)
		return -ENFILE;
	account_open(&d->split[name - 1], from->pool);
	d->split[name - 1].extra = 0;
	err = account_split(from, &d->split[name - 1], amount);
	if (err)
		d->split[name - 1].pool = NULL;
	else
		d->job.result[0] = name;
	return err;
}

static int merge(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;
	struct account *into = accounts_find(d, word[1]);
	struct account *from = accounts_find(d, word[2]);
	int err;

	if (!into || !from || into == from || from == &d->holder.account)
		return -EINVAL;
	err = account_merge(into, from);
	if (!err)
		from->pool = NULL;
	return err;
}

/* Who is late to ask for notices is not too late. */
static int set_notice(struct memory_domain *d)
{
	uint64_t irq = d->job.word[1];
	uint64_t owed = account_excess(&d->holder.account);

	if (irq > NOTIFICATIONS)
		return -EINVAL;
	d->reclaim.irq = irq < NOTIFICATIONS ? (int)irq : RECLAIM_NO_IRQ;
	if (owed && irq < NOTIFICATIONS)
		reclaim_notify(d->owner, d->reclaim.irq);
	return 0;
}

static int set_rank(struct memory_domain *d)
{
	const uint64_t *word = d->job.word;
	struct container *c;
	int err = reference_use(&d->holder, word[1], REFERENCE_FULL, &c);

	if (!err && word[2] > CONTAINER_RANK_MAX)
		err = -EINVAL;
	if (!err)
		d->holder.reference[word[1]].of->rank = (unsigned)word[2];
	return err;
}

int accounts_answer(struct memory_domain *d)
{
	switch (d->job.label) {
	case CONTAINER_ACCOUNT:
		return tell(d);
	case CONTAINER_ACCOUNT_SPLIT:
		return split(d);
	case CONTAINER_ACCOUNT_MERGE:
		return merge(d);
	case CONTAINER_NOTICE:
		return set_notice(d);
	case CONTAINER_RANK:
		return set_rank(d);
	default:
		return control_answer(d);
	}
}
