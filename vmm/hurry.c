/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/hurry.h"

struct rank hurry_begin(int priority)
{
	struct rank was = rank_now();

	if (priority)
		(void)rank_set((struct rank){
			SCHED_FIFO | SCHED_RESET_ON_FORK, priority});
	return was;
}

/* Who has no privilege cannot take the flag back, and would stay what it is. */
void hurry_end(struct rank was)
{
	was.policy |= SCHED_RESET_ON_FORK;
	(void)rank_set(was);
}
