/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/vcputhread.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/action.h"
#include "vmm/exit.h"
#include "vmm/gdb/hold.h"
#include "vmm/system.h"

#define KICK_SIGNAL SIGUSR2
#define SLEEP_MAX_NS UINT64_C(1000000000)

static _Thread_local struct domain *self;

static void on_kick_signal(int signal)
{
	(void)signal;
	if (self)
		self->vcpu.run->immediate_exit = 1;
}

void vcputhread_wake(struct domain *d)
{
	struct vcputhread *t = &d->vcputhread;
	uint64_t one = 1;

	t->wakes++;
	if (self == d)
		return;
	if (t->in_guest) {
		pthread_kill(t->thread, KICK_SIGNAL);
	} else if (!t->sleeping) {
		return; /* it looks again before it sleeps */
	} else if (t->how == RUNNER_FUTEX) {
		syscall(SYS_futex, &t->wakes, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
			0);
	} else {
		ssize_t n = write(t->wake_fd, &one, sizeof(one));

		(void)n; /* full means that it is readable */
	}
}

static struct timespec time_left(const struct executor *ex)
{
	uint64_t now = clock_now();
	uint64_t next = timer_next(&ex->timers);
	uint64_t ns = next > now ? clock_ns_from_ticks(next - now) : 0;

	if (ns > SLEEP_MAX_NS)
		ns = SLEEP_MAX_NS;
	return (struct timespec){
		(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static void sleep_until_woken(struct domain *d)
{
	struct vcputhread *t = &d->vcputhread;
	struct timespec left = time_left(d->ex);
	uint32_t seen = t->wakes;

	t->sleeping = true;
	system_unlock(d->system);
	if (t->how == RUNNER_FUTEX) {
		syscall(SYS_futex, &t->wakes, FUTEX_WAIT_PRIVATE, seen, &left,
			NULL, 0);
	} else {
		struct pollfd fd = {.fd = t->wake_fd, .events = POLLIN};
		uint64_t count;

		ppoll(&fd, 1, &left, NULL);
		if (read(t->wake_fd, &count, sizeof(count)) < 0)
			count = 0;
	}
	system_lock(d->system);
	t->sleeping = false;
}

static void enter(struct domain *d)
{
	struct vcputhread *t = &d->vcputhread;
	uint64_t began = clock_now();
	int err;

	if (d->hold)
		hold_prepare(d);
	else
		domain_prepare(d);
	t->in_guest = 1;
	system_unlock(d->system);
	err = vcpu_run(&d->vcpu);
	system_lock(d->system);
	t->in_guest = 0;
	d->vcpu.run->immediate_exit = 0;
	d->exits++;
	d->ran += clock_now() - began;
	if (d->life == DOMAIN_LIVE)
		exit_dispatch(d, err);
}

static void *vcputhread_main(void *arg)
{
	struct domain *d = arg;
	struct executor *ex = d->ex;
	struct sigaction action = {.sa_handler = on_kick_signal};
	cpu_set_t cpus;
	sigset_t set;

	CPU_ZERO(&cpus);
	CPU_SET(ex->cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	sigaction(KICK_SIGNAL, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, KICK_SIGNAL);
	self = d;
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	system_lock(d->system);
	while (!d->system->stopping && d->life == DOMAIN_LIVE) {
		uint64_t now = clock_now();

		if (timer_next(&ex->timers) <= now)
			timer_expire(&ex->timers, now, 1);
		if (machine_has_work(d->machine))
			exit_poll_machine(d);
		if (!domain_can_run(d))
			sleep_until_woken(d);
		else if (d->vmm_call)
			vmmcall_continue(d);
		else
			enter(d);
	}
	d->detached = true;
	system_unlock(d->system);
	return NULL;
}

int vcputhread_start(struct domain *d, enum runner how)
{
	struct vcputhread *t = &d->vcputhread;
	int err;

	t->how = how;
	t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake_fd < 0)
		return -errno;
	err = pthread_create(&t->thread, NULL, vcputhread_main, d);
	t->joinable = !err;
	return -err;
}

void vcputhread_join(struct domain *d)
{
	struct vcputhread *t = &d->vcputhread;

	if (!t->joinable)
		return;
	pthread_join(t->thread, NULL);
	close(t->wake_fd);
	t->joinable = false;
}
