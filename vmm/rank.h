/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the host schedules the calling thread.
 */
#ifndef VMM_RANK_H
#define VMM_RANK_H

#include <sched.h>

struct rank {
	int policy;   /* SCHED_*, perhaps with SCHED_RESET_ON_FORK */
	int priority; /* 0 if the policy has none */
};

/** rank_now - what it is. */
static inline struct rank rank_now(void)
{
	struct sched_param param = {0};

	sched_getparam(0, &param);
	return (struct rank){sched_getscheduler(0), param.sched_priority};
}

/** rank_set - what it is from now on.  Returns 0, or -1 with errno set: EPERM,
 * EINVAL.  Source: sched_setscheduler(2). */
static inline int rank_set(struct rank rank)
{
	const struct sched_param param = {.sched_priority = rank.priority};

	return sched_setscheduler(0, rank.policy, &param);
}

#endif
