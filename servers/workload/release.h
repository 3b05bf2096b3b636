/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The releases of the domain's reservation, one a period, as a thread sees
 * them.  A domain has a period even in a run without reservations.
 */
#ifndef SERVERS_WORKLOAD_RELEASE_H
#define SERVERS_WORKLOAD_RELEASE_H

#include <stdint.h>

/* Of one thread, which alone may wait. */
struct release {
	uint64_t next_tsc; /* one release, then every so many ticks */
	uint64_t period_ticks;
};

/**
 * release_begin - be told of the releases from now on.
 *
 * Panics if the domain has no period.
 */
void release_begin(struct release *release);

/**
 * release_wait - wait for the next release; at once if there has been one
 * since the last time.
 *
 * Returns the TSC value of the newest one.
 */
uint64_t release_wait(struct release *release);

#endif
