/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/hurry.h"

struct hurry hurry_begin(int priority)
{
	const struct sched_param param = {.sched_priority = priority};
	struct hurry was = {.policy = sched_getscheduler(0)};

	sched_getparam(0, &was.param);
	if (priority)
		(void)sched_setscheduler(
			0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
	return was;
}

/* Who has no privilege cannot take the flag back, and would stay what it is. */
void hurry_end(const struct hurry *was)
{
	(void)sched_setscheduler(
		0, was->policy | SCHED_RESET_ON_FORK, &was->param);
}
