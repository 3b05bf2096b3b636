/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host thread per vCPU, as common VMMs have it: the host's scheduler
 * decides, and a domain that waits sleeps in the host's kernel.
 *
 * The baseline that hand-off on executors is measured against; the domains,
 * their kernels and everything but the waiting is the same.
 */
#ifndef VMM_VCPUTHREAD_H
#define VMM_VCPUTHREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct domain;

enum runner {
	RUNNER_EXECUTOR, /* no such threads */
	RUNNER_FUTEX,
	RUNNER_EVENTFD,
};

struct vcputhread {
	pthread_t thread;
	bool joinable;
	enum runner how;
	uint32_t wakes; /* futex word: grows with each wake-up */
	int wake_fd;
	bool sleeping;
	volatile sig_atomic_t in_guest;
};

/**
 * vcputhread_start - run @d by a thread of its own, on its CPU.
 *
 * Returns 0 or -errno.
 */
__attribute__((warn_unused_result)) int vcputhread_start(
	struct domain *d, enum runner how);

/** vcputhread_wake - its domain may have something to do. */
void vcputhread_wake(struct domain *d);

/** vcputhread_join - wait for the thread; the system is stopping. */
void vcputhread_join(struct domain *d);

#endif
