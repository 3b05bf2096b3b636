/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission: can these reservations all be kept on one CPU under EDF?
 *
 * Pure arithmetic; used by the configuration reader and by the VMM.
 * Source: Baruah, Rosier, Howell, "Algorithms and complexity concerning the
 * preemptive scheduling of periodic, real-time tasks on one processor" (demand
 * bound); Zhang, Burns, "Schedulability analysis for real-time systems with
 * EDF scheduling" (the order in which points are tested).
 */
#ifndef VMM_ADMISSION_H
#define VMM_ADMISSION_H

#include <stdint.h>

struct admission_task {
	uint32_t slice_us; /* 0: asks for nothing */
	uint32_t period_us;
	uint32_t deadline_us; /* slice <= deadline <= period */
};

/* Where too much is sold. */
struct admission_refusal {
	uint64_t at_us;	    /* after a common release; 0: in the long run */
	uint64_t demand_us; /* due until then, more than at_us */
};

/**
 * admission_check - decide about the reservations of one CPU.
 * @task:    at most 65535
 * @refusal: filled in on -EBUSY; may be NULL
 *
 * Returns 0; -EBUSY if too much is sold; -E2BIG if the periods are so odd that
 * deciding takes too long (count that as a refusal); -EINVAL if a task has not
 * slice <= deadline <= period.
 */
int admission_check(const struct admission_task *task, unsigned nr,
	struct admission_refusal *refusal);

#endif
