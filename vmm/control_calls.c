/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket asks of a running system (control/control.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmm/admission.h"
#include "vmm/memory/accounts.h"
#include "vmm/switches.h"
#include "vmm/system.h"

static uint64_t sum_ns(uint64_t earlier, uint64_t ticks)
{
	return earlier + clock_ns_from_ticks(ticks);
}

static uint64_t budget_ns(const struct context *c)
{
	return c->slice && c->budget > 0
		       ? clock_ns_from_ticks((uint64_t)c->budget)
		       : 0;
}

static void export_memory(const struct domain *d, struct domain_account *to)
{
	uint64_t ram = d->conf->ram_bytes / FRAME_SIZE;
	struct account_amount guaranteed = {ram, 0}, used = {ram, 0};

	if (d->memory)
		accounts_sum(d->memory, &guaranteed, &used);
	to->frames_guaranteed = guaranteed.frames;
	to->frames_used = used.frames;
	to->frames_extra = used.frames > guaranteed.frames
				   ? used.frames - guaranteed.frames
				   : 0;
	to->runs_guaranteed = guaranteed.runs;
	to->runs_used = used.runs;
	to->frames_limit = d->memory ? d->memory->holder.account.extra : 0;
}

static void export_reclaim(const struct domain *d,
	const struct domain_account *earlier, struct domain_account *to)
{
	static const struct reclaim none;
	const struct reclaim *r = d->memory ? &d->memory->reclaim : &none;

	to->frames_asked = earlier->frames_asked + r->asked;
	to->frames_forced = earlier->frames_forced + r->forced;
}

static void export_io(const struct domain *d, const struct domain_account *e,
	struct domain_account *to)
{
	struct machine_io io;

	machine_io(d->machine, &io);
	to->disk_requests = e->disk_requests + io.disk_read.requests +
			    io.disk_written.requests;
	to->disk_read_bytes = e->disk_read_bytes + io.disk_read.bytes;
	to->disk_written_bytes = e->disk_written_bytes + io.disk_written.bytes;
	to->net_frames =
		e->net_frames + io.net_sent.frames + io.net_received.frames;
	to->net_sent_bytes = e->net_sent_bytes + io.net_sent.bytes;
	to->net_received_bytes = e->net_received_bytes + io.net_received.bytes;
	to->net_dropped =
		e->net_dropped + io.net_sent.dropped + io.net_received.dropped;
}

static void export_domain(struct system *s, const struct domain *d)
{
	const struct domain_account *e = &s->ended[d->index];
	struct domain_account *a = &s->measurement->domain[d->index];

	a->own_ns = sum_ns(e->own_ns, d->ctx.own);
	a->lent_ns = sum_ns(e->lent_ns, d->ctx.lent);
	a->for_others_ns = sum_ns(e->for_others_ns, d->ctx.for_others);
	a->ran_ns = sum_ns(e->ran_ns, d->ran);
	a->exits = e->exits + d->exits;
	a->ipc = e->ipc + d->ipc;
	a->restarts = e->restarts;
	a->periods = e->periods + d->ctx.periods;
	a->missed = e->missed + d->ctx.missed;
	a->budget_ns = budget_ns(&d->ctx);
	for (unsigned i = 0; i < NR_SPENT; i++)
		a->spent_ns[i] = sum_ns(e->spent_ns[i], d->ctx.spent[i]);
	export_memory(d, a);
	export_reclaim(d, e, a);
	export_io(d, e, a);
}

/* What its contexts have spent, those of earlier lives included. */
static void export_executor(struct system *s, const struct executor *ex)
{
	struct executor_account *a = &s->measurement->executor[ex->cpu];

	a->started_ns = clock_ns_from_ticks(ex->started_at);
	a->wall_ns = clock_ns_from_ticks(ex->charged_until - ex->started_at);
	a->host_ns = clock_ns_from_ticks(ex->host_time);
	a->idle_ns = clock_ns_from_ticks(ex->idle);
	a->longest_step_ns = clock_ns_from_ticks(ex->longest_step);
	a->longest_step_cause = ex->longest_cause;
	a->longest_step_marked_ns =
		clock_ns_from_ticks(ex->longest_step_marked);
	a->steps = ex->steps;
	memset(a->spent_ns, 0, sizeof(a->spent_ns));
	for (unsigned i = 0; i < s->nr_domains; i++) {
		if (s->launch->domain[i].cpu != ex->cpu)
			continue;
		for (unsigned j = 0; j < NR_SPENT; j++)
			a->spent_ns[j] += s->measurement->domain[i].spent_ns[j];
	}
}

void system_export(struct system *s)
{
	s->measurement->tsc_khz = (uint32_t)clock_tsc_khz();
	/* Threads first: what they took, their CPU's executor did not have. */
	for (unsigned i = EXECUTORS_MAX; i-- > 0;)
		if (s->executor[i] && s->executor[i]->started && !s->stopping)
			executor_settle(s->executor[i]);
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i])
			export_domain(s, s->domain[i]);
	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		if (s->executor[cpu] && s->executor[cpu]->started)
			export_executor(s, s->executor[cpu]);
}

static enum system_state state_of(const struct system *s, unsigned i)
{
	const struct domain *d = s->domain[i];
	enum domain_life life = d ? d->life : s->life[i];

	if (life == DOMAIN_STOPPED)
		return SYSTEM_STATE_STOPPED;
	if (life == DOMAIN_CRASHED)
		return SYSTEM_STATE_CRASHED;
	return d && d->exits ? SYSTEM_STATE_RUNNING : SYSTEM_STATE_BOOTING;
}

static void tell_balloon(const struct domain *d, struct system_domain *out)
{
	uint64_t reported;
	uint32_t pages = machine_balloon(d->machine, &reported);

	out->balloon_bytes = pages * FRAME_SIZE;
	out->reported_bytes = reported * FRAME_SIZE;
}

unsigned system_list(struct system *s, struct system_domain *out, unsigned max)
{
	unsigned nr = s->nr_domains < max ? s->nr_domains : max;

	system_lock(s);
	system_export(s);
	for (unsigned i = 0; i < nr; i++) {
		const struct launch_domain *conf = &s->launch->domain[i];
		const struct domain *d = s->domain[i];

		out[i] = (struct system_domain){
			.kind = conf->kind,
			.state = state_of(s, i),
			.cpu = conf->cpu,
			.slice_us = d ? d->slice_us : 0,
			.period_us = d ? d->period_us : 0,
			.deadline_us = d ? d->deadline_us : 0,
			.ram_bytes = conf->ram_bytes,
			.account = s->measurement->domain[i],
		};
		if (d)
			tell_balloon(d, &out[i]);
		snprintf(out[i].name, sizeof(out[i].name), "%s",
			launch_string(s->launch, conf->name));
	}
	system_unlock(s);
	return nr;
}

/* The domain if it lives, with the lock held; else NULL, without. */
static struct domain *lock_living(struct system *s, unsigned i)
{
	system_lock(s);
	if (i < s->nr_domains && s->domain[i] &&
		s->domain[i]->life == DOMAIN_LIVE)
		return s->domain[i];
	system_unlock(s);
	return NULL;
}

int system_stop(struct system *s, unsigned i)
{
	struct domain *d = lock_living(s, i);

	if (!d)
		return -ESRCH;
	domain_stop(d, 0);
	system_unlock(s);
	return 0;
}

int system_kill(struct system *s, unsigned i)
{
	struct domain *d = lock_living(s, i);

	if (!d)
		return -ESRCH;
	domain_crash(d, "killed");
	system_unlock(s);
	return 0;
}

static int admit(const struct domain *d, const struct system_reservation *r)
{
	const struct system *s = d->system;
	struct admission_task task[LAUNCH_DOMAINS_MAX + 1];
	unsigned nr = 0;

	task[nr++] = (struct admission_task){s->launch->host_slice_us,
		s->launch->host_period_us, s->launch->host_period_us};
	task[nr++] = (struct admission_task){
		r->slice_us, r->period_us, r->deadline_us};
	for (unsigned i = 0; i < s->nr_domains; i++) {
		const struct domain *other = s->domain[i];

		if (other && other != d && other->life == DOMAIN_LIVE &&
			other->conf->cpu == d->conf->cpu && other->slice_us)
			task[nr++] = (struct admission_task){other->slice_us,
				other->period_us, other->deadline_us};
	}
	return admission_check(task, nr, NULL);
}

void system_reserve(struct domain *d, uint64_t now)
{
	context_reserve(&d->ctx, clock_ticks_from_us(d->slice_us),
		clock_ticks_from_us(d->period_us),
		clock_ticks_from_us(d->deadline_us), now);
}

/* As in a launch record. */
static bool is_reservation(const struct system_reservation *r)
{
	return r->slice_us <= r->deadline_us &&
	       r->deadline_us <= r->period_us &&
	       r->period_us >= LAUNCH_PERIOD_MIN_US &&
	       r->period_us <= LAUNCH_PERIOD_MAX_US &&
	       (!r->slice_us || r->slice_us >= LAUNCH_SLICE_MIN_US);
}

int system_set_reservation(
	struct system *s, unsigned i, const struct system_reservation *r)
{
	struct domain *d;
	int err;

	if (!is_reservation(r))
		return -EINVAL;
	d = lock_living(s, i);
	if (!d)
		return -ESRCH;
	err = admit(d, r);
	if (!err) {
		d->slice_us = r->slice_us;
		d->period_us = r->period_us;
		d->deadline_us = r->deadline_us;
		system_reserve(d, clock_now());
		executor_kick(d->ex);
	}
	system_unlock(s);
	return err == -EINVAL ? -EINVAL : err ? -EBUSY : 0;
}

/* Beyond what it is guaranteed, that is a limit as a policy server sets it. */
static int set_memory(struct domain *d, uint64_t frames)
{
	uint64_t ram = d->conf->ram_bytes / FRAME_SIZE;
	uint64_t guaranteed;

	if (!d->memory)
		return machine_set_balloon(
			d->machine, (uint32_t)(ram - frames));
	guaranteed = d->memory->holder.account.fixed;
	if (frames < guaranteed)
		return -EINVAL;
	(void)reclaim_limit(d->memory, frames - guaranteed, RECLAIM_US_MAX);
	reclaim_changed(d->memory->memory);
	return 0;
}

int system_set_memory(struct system *s, unsigned i, uint64_t bytes)
{
	struct domain *d = lock_living(s, i);
	int err = -EINVAL;

	if (!d)
		return -ESRCH;
	if (d->control)
		err = -ENOTSUP;
	else if (bytes && bytes <= d->conf->ram_bytes &&
		 bytes % FRAME_SIZE == 0)
		err = set_memory(d, bytes / FRAME_SIZE);
	if (!err)
		executor_kick(d->ex);
	system_unlock(s);
	return err == -ENODEV ? -ENOTSUP : err;
}

int system_console(struct system *s, unsigned i, int fd)
{
	struct domain *d = lock_living(s, i);
	int err;

	if (!d)
		return -ESRCH;
	err = d->console ? console_attach(d->console, fd) : -ENOTSUP;
	system_unlock(s);
	return err;
}

const struct measurement *system_measurement(struct system *s)
{
	uint64_t switches = switches_count();

	system_lock(s);
	system_export(s);
	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		if (s->executor[cpu])
			s->measurement->executor[cpu].host_context_switches =
				switches;
	system_unlock(s);
	return s->measurement;
}

void system_mark(struct system *s)
{
	system_lock(s);
	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		if (s->executor[cpu])
			s->executor[cpu]->longest_step_marked = 0;
	system_unlock(s);
}
