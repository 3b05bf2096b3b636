/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Launching a system, waiting for what its domains do, taking it down.
 * Everything here runs in the main thread, in the host's time.
 */
#include "vmm/system.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "vmm/blockio.h"
#include "vmm/netio.h"
#include "vmm/complain.h"
#include "vmm/console.h"
#include "vmm/forced.h"
#include "vmm/populate.h"
#include "vmm/reap.h"
#include "vmm/setup.h"

#define POPULATE_DELAY_MS 20

/* Starting. ---------------------------------------------------------------- */

/* Threads of their own take turns as the host decides, at equal rank. */
static int start_threads(struct system *s, enum runner runner)
{
	for (unsigned i = 0; i < s->nr_domains; i++)
		s->domain[i]->vcputhread.how = runner;
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (vcputhread_start(s->domain[i], runner))
			return -1;
	return 0;
}

/* Frames for containers, without the lock: they stay where they are. */
static bool populate_containers(struct system *s)
{
	struct content *c = s->memory.content;

	if (!c)
		return false;
	populate_ahead(&s->filler, s->memory.populated,
		s->memory.table.count * FRAME_SIZE,
		content_index(c, 0) * FRAME_SIZE);
	return content_populate(c, &s->memory.populated, POPULATE_PIECE);
}

static void populate_all(struct system *s)
{
	while (populate_containers(s))
		;
	for (unsigned i = 0; i < s->nr_domains; i++) {
		struct domain *d = s->domain[i];

		while (populate_step(&s->filler, &d->mem, &d->populated))
			;
		domain_populate(d);
	}
}

static void reserve_for_host(
	struct executor *ex, const struct launch *launch, uint64_t now)
{
	context_reserve(&ex->host, clock_ticks_from_us(launch->host_slice_us),
		clock_ticks_from_us(launch->host_period_us),
		clock_ticks_from_us(launch->host_period_us), now);
	/* Its first share was the time of setting up. */
	ex->host.budget = 0;
}

static int start(struct system *s)
{
	const struct launch *launch = s->launch;
	uint64_t now;

	if (setup_any_reserved(s))
		populate_all(s);
	now = clock_now();
	for (unsigned i = 0; i < s->nr_domains; i++)
		setup_enlist(s->domain[i], now);
	for (unsigned i = 0; i < EXECUTORS_MAX; i++) {
		struct executor *ex = s->executor[i];

		if (ex && !ex->beside)
			reserve_for_host(ex, launch, now);
		if (ex && executor_start(ex))
			return -1;
	}
	return 0;
}

/* While it runs. ----------------------------------------------------------- */

static bool any_essential(const struct system *s)
{
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->launch->domain[i].flags & LAUNCH_ESSENTIAL)
			return true;
	return false;
}

/* The run is about the essential domains, or about all if none is. */
static bool counts(const struct system *s, unsigned i)
{
	return (s->launch->domain[i].flags & LAUNCH_ESSENTIAL) ||
	       !any_essential(s);
}

static bool over(const struct system *s)
{
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (counts(s, i) && (s->domain[i] || s->returns[i]))
			return false;
	return true;
}

/* A crash is told whoever crashed. */
static int exit_status(const struct system *s)
{
	int status = SYSTEM_EXIT_OK;

	for (unsigned i = 0; i < s->nr_domains; i++) {
		if (s->domain[i])
			continue;
		if (s->life[i] == DOMAIN_CRASHED)
			return SYSTEM_EXIT_DOMAIN;
		if (!status && counts(s, i))
			status = s->status[i];
	}
	return status;
}

static int signal_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One piece of one domain's RAM; false: all is there. */
static bool populate_some(struct system *s)
{
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i] &&
			populate_step(&s->filler, &s->domain[i]->mem,
				&s->domain[i]->populated))
			return true;
	return populate_containers(s);
}

/* Short runs end before it begins: their RAM is not worth populating. */
static int next_timeout(bool later, bool populating, int64_t left)
{
	if (later || populating)
		return populating ? 0 : 1;
	return left > 60000 ? 60000 : (int)left;
}

static int wait_for_end(struct system *s, const struct system_options *opt)
{
	struct pollfd fd[2] = {
		{.fd = s->event_fd, .events = POLLIN},
		{.fd = signal_fd(), .events = POLLIN},
	};
	int64_t limit = opt->time_limit_s
				? now_ms() + (int64_t)opt->time_limit_s * 1000
				: INT64_MAX;
	struct signalfd_siginfo info;
	bool waited = false;
	int status = -1;

	while (status < 0) {
		bool later = reap_all(s, opt->quiet);
		int64_t left = limit - now_ms();
		bool populating;
		uint64_t count;

		later |= forced_all(s);
		if (over(s)) {
			status = exit_status(s);
			break;
		}
		if (left <= 0) {
			complain("time limit of %u s", opt->time_limit_s);
			status = SYSTEM_EXIT_TIME;
			break;
		}
		populating = waited && populate_some(s);
		waited |= !poll(fd, 2,
			waited ? next_timeout(later, populating, left)
			       : POPULATE_DELAY_MS);
		if (read(s->event_fd, &count, sizeof(count)) < 0)
			count = 0;
		if (read(fd[1].fd, &info, sizeof(info)) == sizeof(info))
			status = 128 + (int)info.ssi_signo;
	}
	close(fd[1].fd);
	return status;
}

/* Taking down. ------------------------------------------------------------- */

static void stop_executors(struct system *s)
{
	system_lock(s);
	s->stopping = true;
	for (unsigned i = 0; i < EXECUTORS_MAX; i++)
		if (s->executor[i])
			executor_kick(s->executor[i]);
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i] && s->domain[i]->vcputhread.joinable)
			vcputhread_wake(s->domain[i]);
	system_unlock(s);
	for (unsigned i = 0; i < EXECUTORS_MAX; i++)
		if (s->executor[i])
			executor_join(s->executor[i]);
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i])
			vcputhread_join(s->domain[i]);
}

static void destroy_domains(struct system *s)
{
	system_export(s);
	for (unsigned i = 0; i < s->nr_domains; i++) {
		struct domain *d = s->domain[i];

		if (!d)
			continue;
		while (portal_unlink_piece(d))
			;
		s->domain[i] = NULL;
		domain_destroy(d);
	}
	for (unsigned i = 0; i < s->launch->nr_portals; i++)
		free(s->named[i]);
}

static void destroy(struct system *s)
{
	destroy_domains(s);
	system_trace_free(s);
	for (unsigned i = 0; i < EXECUTORS_MAX; i++) {
		if (!s->executor[i])
			continue;
		executor_destroy(s->executor[i]);
		free(s->executor[i]);
	}
	memory_fini(&s->memory);
	filler_stop(&s->filler);
	if (s->pool)
		frame_pool_destroy(s->pool);
	if (s->kvm.cpuid)
		kvm_close(&s->kvm);
	close(s->event_fd);
}

static void block_signals(void)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void init(struct system *s, const struct launch *launch)
{
	memset(s, 0, sizeof(*s));
	s->launch = launch;
	s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	filler_init(&s->filler, -1);
}

/* From executors that run to the exit status. */
static int run_until_end(struct system *s, const struct system_options *opt)
{
	struct control *control = NULL;
	struct gdb_servers *gdb = NULL;
	struct machine_error error;
	int status = SYSTEM_EXIT_HOST;
	int err = 0;

	if (opt->nr_gdb)
		err = gdb_start(&gdb, s, opt->gdb, opt->nr_gdb, &error);
	if (err) {
		complain("%s", error.text);
		return err == -EINVAL ? SYSTEM_EXIT_CONFIG : SYSTEM_EXIT_HOST;
	}
	if (opt->runner != RUNNER_EXECUTOR ? !start_threads(s, opt->runner)
					   : !start(s)) {
		/* The domains do not wait for a socket. */
		if (!opt->no_control && control_start(&control, s, opt->name))
			complain("no control socket; list, stop and kill do "
				 "not work");
		status = wait_for_end(s, opt);
	}
	control_stop(control);
	stop_executors(s);
	gdb_stop(gdb);
	return status;
}

int system_run(const struct launch *launch, const struct system_options *opt)
{
	struct system *s = malloc(sizeof(*s));
	int status = SYSTEM_EXIT_HOST;

	if (!s)
		return status;
	block_signals();
	init(s, launch);
	s->measurement =
		opt->measurement ? opt->measurement : measurement_map();
	if (!s->measurement || console_start(STDOUT_FILENO) ||
		blockio_start() || netio_start()) {
		complain("cannot start the helper threads");
	} else {
		s->measurement->nr_domains = launch->nr_domains;
		if (!setup_system(s))
			status = run_until_end(s, opt);
		destroy(s);
		netio_stop();
		blockio_stop();
		console_stop();
	}
	if (!opt->measurement)
		measurement_unmap(s->measurement);
	free(s);
	return status;
}
