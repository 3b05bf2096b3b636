/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/accounts.h"

#include <errno.h>

#include "vmm/abi/container.h"

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
			err = account_close(&d->split[i]);
	if (!err)
		err = account_close(&d->holder.account);
	if (!err && d->memory->control == d)
		d->memory->control = NULL;
	return err;
}

static void reply(struct job *job, const struct account_amount *guaranteed,
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
	reply(&d->job, &a->guaranteed, &a->used);
	d->job.result[0] += a->fixed;
	d->job.result[1] += a->fixed;
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

static int take_control(struct memory_domain *d)
{
	struct memory *m = d->memory;

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
	const struct memory_domain *of = domain_find(d->memory, d->job.word[1]);
	struct account_amount guaranteed, used;

	if (!of)
		return -ENOENT;
	accounts_sum(of, &guaranteed, &used);
	reply(&d->job, &guaranteed, &used);
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
	d->memory->control = d->job.peer;
	return 0;
}

int accounts_answer(struct memory_domain *d)
{
	bool control = d->memory->control == d;

	switch (d->job.label) {
	case CONTAINER_ACCOUNT:
		return tell(d);
	case CONTAINER_ACCOUNT_SPLIT:
		return split(d);
	case CONTAINER_ACCOUNT_MERGE:
		return merge(d);
	case CONTAINER_CONTROL:
		return take_control(d);
	case CONTAINER_CONTROL_PASS:
		return control ? pass_control(d) : -EACCES;
	case CONTAINER_CONTROL_READ:
		return control ? read_domain(d) : -EACCES;
	case CONTAINER_CONTROL_MOVE:
		return control ? move(d) : -EACCES;
	default:
		return -EINVAL;
	}
}
