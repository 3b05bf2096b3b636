/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a system with a victim.
 *
 *   us                                     child: system_run()
 *    |  <--- lines of all consoles ---------|   a pipe
 *    |  <--- period samples ----------------|   shared memory
 *    |  ---- trace ------> control socket   |   if wanted
 *    |  ---- list -------> control socket   |   accounts, begin and end
 *    |  <--- events ------------------------|   shared memory
 *    |  ---- SIGTERM ---------------------->|
 */
#include "vmm/report/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vmm/clock.h"
#include "vmm/control/client.h"
#include "vmm/launch.h"
#include "vmm/report/console_log.h"
#include "vmm/report/progress.h"
#include "vmm/system.h"

#define POLL_MS 50
#define READY_LIMIT_S 180 /* of the clock here; a Linux boots until then */
#define STALL_LIMIT_S 20  /* without a further period */
#define END_LIMIT_S 20	  /* between SIGTERM and SIGKILL */

struct run {
	const struct pair *pair;
	struct pair_result *result;
	struct launch launch;
	struct measurement *measurement;
	struct console_log lines;
	pid_t pid;
	unsigned victim; /* index in the launch record */
	struct period_sample *sample;
	unsigned nr_samples;
	struct client before;
	struct client after;
	int trace_connection; /* -1: none */
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int find(const struct launch *launch, const char *name)
{
	for (uint32_t i = 0; i < launch->nr_domains; i++)
		if (!strcmp(launch_string(launch, launch->domain[i].name),
			    name))
			return (int)i;
	return -1;
}

static int read_launch(const struct pair *pair, bool unreserved,
	struct launch *launch, const char **why)
{
	const struct launch_source source = {
		.dir = pair->dir,
		.root = pair->root,
		.only = pair->only,
		.unreserved = unreserved,
	};
	struct launch_reader reader;
	int err = launch_start(&reader, &source);

	*why = NULL;
	return err ? err : launch_finish(&reader, launch, why);
}

/* The victim's index, or -1. */
static int find_victim(const struct launch *launch, const struct pair *pair)
{
	if (pair->victim)
		return find(launch, pair->victim);
	for (uint32_t i = 0; i < launch->nr_domains; i++)
		if (launch->domain[i].flags & LAUNCH_ESSENTIAL)
			return (int)i;
	return -1;
}

static bool serves(const struct launch *launch, unsigned index)
{
	for (uint32_t i = 0; i < launch->nr_portals; i++)
		if (launch->portal[i].server == index)
			return true;
	return false;
}

static struct pair_reservation reservation_of(
	const struct launch *launch, int index)
{
	if (index < 0)
		return (struct pair_reservation){0};

	const struct launch_domain *d = &launch->domain[index];

	return (struct pair_reservation){
		d->slice_us, d->period_us, d->deadline_us};
}

/* In the child. */
_Noreturn static void become_vmm(
	const struct run *run, int output, pid_t parent)
{
	const struct system_options options = {
		.name = run->result->name,
		.quiet = true,
		.measurement = run->measurement,
	};

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(SYSTEM_EXIT_HOST);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	_exit(system_run(&run->launch, &options));
}

static int start(struct run *run)
{
	pid_t parent = getpid();
	int fds[2];

	run->measurement = measurement_map();
	if (!run->measurement)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fflush(NULL);
	run->pid = fork();
	if (run->pid == 0)
		become_vmm(run, fds[1], parent);

	int err = run->pid < 0 ? -errno : 0;

	close(fds[1]);
	if (err)
		close(fds[0]);
	else
		console_log_open(&run->lines, fds[0], run->pair->log_fd);
	return err;
}

/* Take lines for at most POLL_MS.  -ECHILD: there will be no more. */
static int take_lines(struct run *run)
{
	return console_log_take(&run->lines, POLL_MS);
}

static int ask(const struct run *run, enum control_op op, struct client *client,
	int *connection)
{
	const struct control_request request = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = op,
	};
	char dir[sizeof(client->path) - 16];
	int err = control_dir(dir, sizeof(dir));

	if (err)
		return err;
	snprintf(client->path, sizeof(client->path), "%s/%d.sock", dir,
		(int)run->pid);
	return client_request(client, &request, connection);
}

static int wait_until_ready(struct run *run, const char **why)
{
	unsigned wanted = 0;
	double limit = now_s() + READY_LIMIT_S;

	for (unsigned i = 0; i < run->launch.nr_domains; i++)
		wanted += i == run->victim || !serves(&run->launch, i);
	while (run->lines.nr_ready < wanted) {
		int err = take_lines(run);

		if (err) {
			*why = "the run ended before its domains were ready";
			return err;
		}
		if (now_s() > limit) {
			*why = "the domains were not ready in time";
			return -ETIMEDOUT;
		}
	}
	return 0;
}

/* The trace begins before what is measured, and ends after it. */
static int begin(struct run *run, const char **why)
{
	int err = 0;

	if (run->pair->trace) {
		err = ask(run, CONTROL_TRACE_START, &run->before,
			&run->trace_connection);
		if (!err)
			err = trace_fetch_open(&run->result->trace,
				run->before.reply.pid,
				run->before.reply.trace_fd);
		if (err)
			*why = "the run could not be traced";
	}
	run->result->samples.not_before = clock_now();
	if (!err)
		err = ask(run, CONTROL_MARK, &run->before, NULL);
	run->result->samples.tsc_khz = run->measurement->tsc_khz;
	run->lines.samples = &run->result->samples;
	return err;
}

static int end(struct run *run)
{
	int err;

	run->lines.samples = NULL;
	err = ask(run, CONTROL_LIST, &run->after, NULL);
	if (run->pair->trace)
		trace_fetch(&run->result->trace);
	return err;
}

/* @wanted samples from the next period on that begins after now. */
static int collect(struct run *run, unsigned wanted, const char **why)
{
	const struct period_log *log = &run->measurement->log[run->victim];
	uint64_t next = __atomic_load_n(&log->nr, __ATOMIC_ACQUIRE) + 1;
	double limit = now_s() + STALL_LIMIT_S;

	while (run->nr_samples < wanted) {
		int err = take_lines(run);

		if (run->pair->trace)
			trace_fetch(&run->result->trace);

		int nr = period_log_read(log, &next,
			run->sample + run->nr_samples,
			wanted - run->nr_samples);

		if (nr > 0) {
			run->nr_samples += (unsigned)nr;
			limit = now_s() + STALL_LIMIT_S;
		}
		progress_show(run->nr_samples, wanted);
		if (run->nr_samples == wanted)
			break;
		if (nr < 0)
			*why = "samples were lost: the host is too slow";
		else if (err)
			*why = "the run ended while it was measured";
		else if (now_s() > limit)
			*why = "the victim has no more periods";
		if (*why)
			return nr < 0 ? nr : err ? err : -ETIMEDOUT;
	}
	return end(run);
}

static void stop(struct run *run)
{
	double limit = now_s() + END_LIMIT_S;
	int status;

	kill(run->pid, SIGTERM);
	while (console_log_take(&run->lines, POLL_MS) == 0)
		if (now_s() > limit) {
			kill(run->pid, SIGKILL);
			break;
		}
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	console_log_close(&run->lines);
	if (run->trace_connection >= 0)
		close(run->trace_connection);
}

static uint64_t paid(const struct domain_account *a)
{
	return a->own_ns + a->lent_ns + a->for_others_ns;
}

static void fill_charges(const struct run *run, struct pair_result *result)
{
	const struct client *before = &run->before;
	const struct client *after = &run->after;

	result->interval_ns = after->reply.now_ns - before->reply.now_ns;
	result->no_guarantees = after->reply.no_guarantees != 0;
	for (unsigned i = 0; i < after->reply.nr_domains; i++) {
		const struct domain_account *from = &before->domain[i].account;
		const struct domain_account *to = &after->domain[i].account;
		struct pair_charge *charge =
			&result->charge[result->nr_charges++];

		memcpy(charge->name, after->domain[i].name, BOOT_NAME_MAX);
		charge->reservation = reservation_of(&run->launch, (int)i);
		charge->charged_ns = paid(to) - paid(from);
		charge->for_others_ns = to->for_others_ns - from->for_others_ns;
	}
	for (unsigned i = 0; i < after->reply.nr_executors; i++) {
		const struct executor_account *from = &before->executor[i];
		const struct executor_account *to = &after->executor[i];

		struct pair_cpu *cpu = &result->cpu[result->nr_cpus++];

		cpu->wall_ns = to->wall_ns - from->wall_ns;
		cpu->host_ns = to->host_ns - from->host_ns;
		cpu->idle_ns = to->idle_ns - from->idle_ns;
		result->host_ns += cpu->host_ns;
		result->idle_ns += cpu->idle_ns;
		for (unsigned j = 0; j < NR_SPENT; j++) {
			uint64_t spent = to->spent_ns[j] - from->spent_ns[j];

			cpu->spent_ns += spent;
			result->spent_ns[j] += spent;
		}
		if (to->longest_step_marked_ns > result->longest_step_ns)
			result->longest_step_ns = to->longest_step_marked_ns;
		if (from->longest_step_ns > result->start_step_ns)
			result->start_step_ns = from->longest_step_ns;
	}
}

static int evaluate(const struct run *run, struct pair_reservation promised)
{
	struct pair_result *result = run->result;
	const struct promise promise = {
		.slice_ns = promised.slice_us * UINT64_C(1000),
		.period_ns = promised.period_us * UINT64_C(1000),
		.deadline_ns = promised.deadline_us * UINT64_C(1000),
	};
	uint64_t *scratch = calloc(run->nr_samples, sizeof(*scratch));

	if (!scratch)
		return -ENOMEM;
	result->jitter = jitter_evaluate(
		run->sample, run->nr_samples, &promise, scratch);
	free(scratch);
	/* The first period is only what the second one's start is seen from. */
	samples_cut(&result->samples, run->sample[1].release_ns,
		run->sample[run->nr_samples - 1].release_ns +
			promise.period_ns);
	fill_charges(run, result);
	return 0;
}

/* How many periods of the victim are measured. */
static unsigned periods_wanted(
	const struct pair *pair, struct pair_reservation promised)
{
	uint64_t nr = pair->periods;

	if (!nr)
		nr = pair->interval_ms * UINT64_C(1000) / promised.period_us;
	return nr > PAIR_PERIODS_MAX ? PAIR_PERIODS_MAX : nr ? (unsigned)nr : 1;
}

static int measure(
	struct run *run, struct pair_reservation promised, const char **why)
{
	unsigned wanted = periods_wanted(run->pair, promised) + 1;
	int err;

	run->sample = calloc(wanted, sizeof(*run->sample));
	if (!run->sample)
		return -ENOMEM;
	err = start(run);
	if (err)
		return err;
	err = wait_until_ready(run, why);
	if (!err)
		err = begin(run, why);
	if (!err)
		err = collect(run, wanted, why);
	stop(run);
	return err ? err : evaluate(run, promised);
}

/* The victim's reservation as configured, whatever this run makes of it. */
static int read_promise(const struct pair *pair,
	struct pair_reservation *promised, const char **why)
{
	struct launch launch;
	int err = read_launch(pair, false, &launch, why);

	if (err)
		return err;
	*promised = reservation_of(&launch, find_victim(&launch, pair));
	launch_free(&launch);
	if (!promised->period_us) {
		*why = "there is no victim with a reservation to judge it by";
		return -EINVAL;
	}
	return 0;
}

static void describe(struct run *run, const struct pair *pair)
{
	const struct launch *launch = &run->launch;
	struct pair_result *result = run->result;

	run->victim = (unsigned)find_victim(launch, pair);
	result->victim_index = run->victim;
	snprintf(result->name, sizeof(result->name), "%s",
		launch_string(launch, launch->domain[run->victim].name));
	result->victim = reservation_of(launch, (int)run->victim);
	result->antagonist =
		reservation_of(launch, find(launch, pair->antagonist));
}

int pair_run(
	const struct pair *pair, struct pair_result *result, const char **why)
{
	struct pair_reservation promised;
	struct run *run = calloc(1, sizeof(*run));
	int err;

	*why = NULL;
	memset(result, 0, sizeof(*result));
	if (!run)
		return -ENOMEM;
	run->pair = pair;
	run->result = result;
	run->trace_connection = -1;
	err = read_promise(pair, &promised, why);
	if (!err)
		err = read_launch(pair, pair->unreserved, &run->launch, why);
	if (!err) {
		describe(run, pair);
		err = measure(run, promised, why);
	}
	if (err)
		pair_free(result);
	launch_free(&run->launch);
	measurement_unmap(run->measurement);
	free(run->sample);
	free(run);
	return err;
}

void pair_free(struct pair_result *result)
{
	samples_free(&result->samples);
	trace_fetch_close(&result->trace);
}
