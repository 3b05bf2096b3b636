/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/ownthread.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/rank.h"
#include "vmm/system.h"

/*
 * The context keeps to the slice by itself.  The host's own limit is a little
 * higher, so that it never stops a thread that holds the system's lock.
 */
#define MARGIN_US 200u

/* As the host's kernel has it.  Source: sched_setattr(2); the header that
 * defines it, linux/sched/types.h, does not go with the C library's. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime; /* ns, like what follows */
	uint64_t deadline;
	uint64_t period;
};

_Static_assert(sizeof(struct attributes) == 48, "the first version of it");

static int be_deadline(const struct ownthread_rank *rank)
{
	struct attributes attr = {
		.size = sizeof(attr),
		.policy = SCHED_DEADLINE,
		.runtime = (rank->slice_us + MARGIN_US) * UINT64_C(1000),
		.deadline = rank->period_us * UINT64_C(1000),
		.period = rank->period_us * UINT64_C(1000),
	};

	if (attr.runtime > attr.period)
		attr.runtime = attr.period;
	return (int)syscall(SYS_sched_setattr, 0, &attr, 0);
}

void ownthread_rank(struct executor *ex)
{
	const struct domain *d = ex->nr_domains ? ex->domain[0] : NULL;
	const struct rank above = {SCHED_FIFO, EXECUTOR_PRIORITY + 1};
	const struct rank ordinary = {SCHED_OTHER, 0};
	struct ownthread_rank rank = {0};

	if (d && d->slice_us)
		rank = (struct ownthread_rank){d->slice_us, d->period_us};
	if (rank.slice_us == ex->own.rank.slice_us &&
		rank.period_us == ex->own.rank.period_us)
		return;
	ex->own.rank = rank;
	if (rank.slice_us && ex->real_time &&
		(!be_deadline(&rank) || !rank_set(above)))
		return;
	if (rank_set(ordinary) || rank.slice_us)
		ex->system->measurement->no_guarantees = 1;
}

static uint64_t thread_clock(const struct executor *ex)
{
	struct timespec t;

	clock_gettime(ex->own.clock, &t);
	return clock_ticks_from_ns((uint64_t)t.tv_sec * UINT64_C(1000000000) +
				   (uint64_t)t.tv_nsec);
}

void ownthread_begin(struct executor *ex)
{
	struct domain *d = ex->domain[0];

	pthread_setname_np(pthread_self(), d->name);
	pthread_getcpuclockid(pthread_self(), &ex->own.clock);
	ex->own.charged_until = ex->own.spent_until = thread_clock(ex);
	d->vcpu.run->immediate_exit = 1;
	(void)vcpu_run(&d->vcpu); /* EINTR */
	d->vcpu.run->immediate_exit = 0;
}

/* What the thread has had since @mark, which is now then. */
static uint64_t had_since(const struct executor *ex, uint64_t *mark)
{
	uint64_t had = thread_clock(ex), t = had - *mark;

	*mark = had;
	return t;
}

/* The other executor's books begin later by what it has not had. */
void ownthread_charge(struct executor *ex, uint64_t now)
{
	uint64_t t = had_since(ex, &ex->own.charged_until);

	if (!ex->nr_domains)
		return;
	ex->beside->charged_until += t;
	context_charge_own(&ex->domain[0]->ctx, t, now);
	ex->domain[0]->ran += t;
}

void ownthread_spend(struct executor *ex)
{
	uint64_t t = had_since(ex, &ex->own.spent_until);

	if (!ex->nr_domains)
		return;
	ex->beside->spent_until += t;
	ex->domain[0]->ctx.spent[ex->cause] += t;
}
