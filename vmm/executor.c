/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of an executor: expire timers, decide who runs, run it,
 * handle the exit.  All time outside guest mode between two entries is one
 * step, charged like guest time to the current context.
 */
#include "vmm/executor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/action.h"
#include "vmm/exit.h"
#include "vmm/gdb/hold.h"
#include "vmm/guards.h"
#include "vmm/loan.h"
#include "vmm/rank.h"
#include "vmm/system.h"

#define PREEMPT_SIGNAL SIGUSR1
#define TIMERS_AT_ONCE 64
#define SLEEP_MAX_NS UINT64_C(1000000000)

static _Thread_local struct executor *self;

/* Closes the race with entering: an entry with immediate_exit set is none. */
static void on_preempt_signal(int signal)
{
	struct executor *ex = self;

	(void)signal;
	if (!ex)
		return;
	ex->kicked = 1;
	if (ex->run)
		ex->run->immediate_exit = 1;
}

int executor_init(struct executor *ex, struct system *system, unsigned cpu)
{
	memset(ex, 0, sizeof(*ex));
	ex->system = system;
	ex->cpu = cpu;
	ex->preempt_at = CLOCK_NEVER;
	context_init(&ex->host, ex, NULL);
	ex->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return ex->wake_fd < 0 ? -errno : 0;
}

void executor_destroy(struct executor *ex)
{
	close(ex->wake_fd);
}

static void wake(const struct executor *ex)
{
	uint64_t one = 1;
	ssize_t n = write(ex->wake_fd, &one, sizeof(one));

	(void)n; /* full means that it is readable */
}

/*
 * An executor gives up the lock first: whom it wakes may preempt it, and would
 * then wait for the lock.
 */
static void wake_later(struct executor *ex)
{
	if (self->to_wake && self->to_wake != ex)
		wake(self->to_wake);
	self->to_wake = ex;
}

static inline void unlock(struct executor *ex)
{
	system_unlock(ex->system);
	if (__builtin_expect(ex->to_wake != NULL, 0)) {
		wake(ex->to_wake);
		ex->to_wake = NULL;
	}
}

void executor_kick(struct executor *ex)
{
	ex->decide = true;
	if (self == ex || !ex->started)
		return;
	if (!ex->sleeping)
		pthread_kill(ex->thread, PREEMPT_SIGNAL);
	else if (self)
		wake_later(ex);
	else
		wake(ex);
}

void domain_wake(struct domain *d)
{
	if (d->vcputhread.how != RUNNER_EXECUTOR)
		vcputhread_wake(d);
	else if (self != d->ex)
		executor_kick(d->ex);
	else if (!d->ctx.ready)
		d->ex->decide = true;
}

/* Deciding. ---------------------------------------------------------------- */

/*
 * Which machines have something to do, which then is a domain's work like any
 * other; and in which order their I/O is to be carried out.
 */
static void look_at_machines(struct executor *ex)
{
	for (unsigned i = 0; i < ex->nr_domains; i++) {
		struct domain *d = ex->domain[i];
		struct context *c = &d->ctx;

		if (d->life != DOMAIN_LIVE)
			continue;
		d->devices_due = machine_has_work(d->machine);
		atomic_store_explicit(&d->order.deadline,
			context_has_budget(c) ? c->deadline_at : IO_NO_DEADLINE,
			memory_order_relaxed);
		atomic_store_explicit(
			&d->order.share, c->slack, memory_order_relaxed);
	}
}

/* From here on the executor knows nothing of a dead domain. */
static void drop_dead(struct executor *ex)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ex->nr_domains; i++) {
		if (ex->domain[i]->life == DOMAIN_LIVE)
			ex->domain[kept++] = ex->domain[i];
		else
			ex->domain[i]->detached = true;
	}
	ex->nr_domains = kept;
}

static void decide(struct executor *ex, uint64_t now)
{
	executor_charge(ex, now);
	executor_spend(ex, now);
	ex->cause = SPENT_SCHED;
	look_at_machines(ex);
	if (ex->beside)
		ownthread_rank(ex);
	ex->decide = false;
	ex->running = NULL;
	ex->via = NULL;
	drop_dead(ex);
	executor_choose(ex, now);
	executor_trace_owner(ex);
}

/* Sleeping. ---------------------------------------------------------------- */

/* What others have used for the I/O of its domains since the last time. */
static void collect_helpers(struct executor *ex)
{
	for (unsigned i = 0; i < ex->nr_domains; i++) {
		struct domain *d = ex->domain[i];
		uint64_t ns = machine_worked_ns(d->machine);

		if (ns <= d->worked_ns)
			continue;
		d->worked += clock_ticks_from_ns(ns - d->worked_ns);
		d->worked_ns = ns;
	}
}

/* Nothing to run, or it is the host's turn. */
static void sleep_until(struct executor *ex, uint64_t until)
{
	struct pollfd fd = {.fd = ex->wake_fd, .events = POLLIN};
	uint64_t now = clock_now();
	uint64_t ns = until > now ? clock_ns_from_ticks(until - now) : 0;
	uint64_t count;

	if (ns > SLEEP_MAX_NS)
		ns = SLEEP_MAX_NS;

	struct timespec timeout = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};

	ex->sleeping = true;
	unlock(ex);
	ppoll(&fd, 1, &timeout, NULL);
	if (read(ex->wake_fd, &count, sizeof(count)) < 0)
		count = 0; /* it was time */
	system_lock(ex->system);
	ex->sleeping = false;
	ex->kicked = 0; /* whatever it was for, it is looked for now */
	ex->decide = true;
	collect_helpers(ex);
	ex->step_began = clock_now();
	executor_charge(ex, ex->step_began);
	executor_spend(ex, ex->step_began);
}

/* Running. ----------------------------------------------------------------- */

static void arm_preemption(struct executor *ex, uint64_t now, uint64_t at)
{
	struct itimerspec spec = {0};

	if (at == ex->preempt_at)
		return;
	ex->preempt_at = at;
	if (at != CLOCK_NEVER) {
		uint64_t ns = clock_ns_from_ticks(at > now ? at - now : 0) + 1;

		spec.it_value.tv_sec = (time_t)(ns / 1000000000);
		spec.it_value.tv_nsec = (long)(ns % 1000000000);
	}
	timer_settime(ex->preempt_timer, 0, &spec, NULL);
}

static void note_step(struct executor *ex, uint64_t from, uint64_t to)
{
	uint64_t t = to - from;

	if (t > ex->longest_step) {
		ex->longest_step = t;
		ex->longest_cause = ex->cause;
	}
	if (t > ex->longest_step_marked)
		ex->longest_step_marked = t;
	ex->steps++;
}

/*
 * A call that is still queued after the delivery of events waits behind
 * another one, which its context helps to end.  Noted at each entry, because
 * by the time that is charged the call may have been accepted.
 */
static void note_helping(struct executor *ex, uint64_t now)
{
	bool helping = ex->via && ex->via->state == CALL_QUEUED;

	if (helping == ex->helping)
		return;
	executor_charge(ex, now);
	ex->helping = helping;
}

/* The decision at @now was where a step ends and another one begins. */
static void begin_step(struct executor *ex, uint64_t now, enum spent cause)
{
	note_step(ex, ex->step_began, now);
	executor_spend(ex, now);
	ex->step_began = now;
	ex->cause = cause;
}

/* A piece of what its kernel has asked the VMM for, in place of its vCPU. */
static void serve(struct executor *ex, struct domain *d, uint64_t now)
{
	note_helping(ex, now);
	begin_step(ex, now, SPENT_ACTIONS);
	vmmcall_continue(d);
	begin_step(ex, clock_now(), SPENT_OTHER);
}

/* Its devices' work, before its vCPU goes on. */
static void serve_devices(struct executor *ex, struct domain *d, uint64_t now)
{
	note_helping(ex, now);
	begin_step(ex, now, SPENT_DEVICES);
	exit_poll_machine(d);
	begin_step(ex, clock_now(), SPENT_OTHER);
}

static void enter(struct executor *ex, struct domain *d, uint64_t now)
{
	uint64_t until = timer_next(&ex->timers);
	uint64_t entry;
	int err;

	if (ex->slice_end < until)
		until = ex->slice_end;
	if (until <= now)
		return; /* the loop has something to do first */
	if (d->hold)
		hold_prepare(d);
	else
		domain_prepare(d);
	note_helping(ex, now);
	/* What was delivered may have begun to wait. */
	if (timer_next(&ex->timers) < until)
		until = timer_next(&ex->timers);
	arm_preemption(ex, now, until);
	if (!ex->current->first_entry)
		ex->current->first_entry = now;
	ex->run = d->vcpu.run;
	if (ex->kicked)
		d->vcpu.run->immediate_exit = 1;
	entry = clock_now();
	note_step(ex, ex->step_began, entry);
	executor_spend(ex, entry);
	ex->cause = SPENT_GUEST;
	trace_at(ex->trace, entry, TRACE_ENTRY, d->index,
		ex->current->domain->index, 0);
	unlock(ex);
	err = vcpu_run(&d->vcpu);
	ex->step_began = clock_now();
	system_lock(ex->system);
	executor_spend(ex, ex->step_began);
	ex->cause = SPENT_OTHER;
	trace_at(ex->trace, ex->step_began, TRACE_EXIT, d->index,
		d->vcpu.run->exit_reason, (uint64_t)-err);
	ex->run = NULL;
	d->vcpu.run->immediate_exit = 0;
	ex->kicked = 0;
	d->exits++;
	if (ex->step_began >= ex->preempt_at) {
		/*
		 * The kernel's part of leaving belongs to the step.  A guest's
		 * point in time may have been long over at its entry.
		 */
		ex->step_began =
			ex->preempt_at > entry ? ex->preempt_at : entry;
		ex->preempt_at = CLOCK_NEVER;
	}
	if (d->life == DOMAIN_LIVE)
		exit_dispatch(d, err);
}

/* The vCPU at the end of the current context's loans, or NULL. */
static struct domain *follow_current(struct executor *ex, uint64_t now)
{
	const struct call *via;
	struct domain *d = loan_follow(ex, ex->current, &via);

	if (d != ex->running || via != ex->via) {
		executor_charge(ex, now);
		ex->running = d;
		ex->via = via;
	}
	return d;
}

static void step(struct executor *ex)
{
	uint64_t now = clock_now();
	struct domain *d;

	if (timer_next(&ex->timers) <= now)
		timer_expire(&ex->timers, now, TIMERS_AT_ONCE);
	if (ex->decide || now >= ex->slice_end)
		decide(ex, now);
	if (!ex->current) {
		sleep_until(ex, timer_next(&ex->timers));
	} else if (ex->current == &ex->host) {
		uint64_t until = timer_next(&ex->timers);

		sleep_until(ex, until < ex->slice_end ? until : ex->slice_end);
	} else {
		d = follow_current(ex, now);
		if (d && d->devices_due)
			serve_devices(ex, d, now);
		else if (d && d->vmm_call)
			serve(ex, d, now);
		else if (d)
			enter(ex, d, now);
		else
			ex->decide = true;
	}
}

void executor_settle(struct executor *ex)
{
	uint64_t now = clock_now();

	executor_charge(ex, now);
	executor_spend(ex, now);
}

/* The thread. -------------------------------------------------------------- */

static void become_real_time(struct executor *ex)
{
	const struct rank rank = {SCHED_FIFO, EXECUTOR_PRIORITY};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(ex->cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	ex->real_time = !guards_limit_real_time("");
	if (ex->beside)
		return; /* ownthread_rank() */
	ex->real_time = ex->real_time && !rank_set(rank);
	if (!ex->real_time || guards_serve_others("", ex->cpu) ||
		guards_watch_memory(""))
		ex->system->measurement->no_guarantees = 1;
}

static void make_preempt_timer(struct executor *ex)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = PREEMPT_SIGNAL,
	};
	struct sigaction action = {.sa_handler = on_preempt_signal};
	sigset_t set;

	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	sigaction(PREEMPT_SIGNAL, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &ex->preempt_timer);
	sigemptyset(&set);
	sigaddset(&set, PREEMPT_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void *executor_main(void *arg)
{
	struct executor *ex = arg;

	self = ex;
	become_real_time(ex);
	make_preempt_timer(ex);
	if (ex->beside)
		ownthread_begin(ex);
	system_lock(ex->system);
	ex->started = true;
	ex->started_at = clock_now();
	ex->charged_until = ex->spent_until =
		ex->beside ? CLOCK_NEVER : ex->started_at;
	ex->step_began = ex->started_at;
	ex->cause = SPENT_SCHED;
	ex->decide = true;
	while (!ex->system->stopping)
		step(ex);
	executor_settle(ex);
	system_unlock(ex->system);
	timer_delete(ex->preempt_timer);
	return NULL;
}

int executor_start(struct executor *ex)
{
	int err = -pthread_create(&ex->thread, NULL, executor_main, ex);

	ex->joinable = !err;
	return err;
}

void executor_join(struct executor *ex)
{
	if (ex->joinable)
		pthread_join(ex->thread, NULL);
}
