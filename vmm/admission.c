/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission by demand bound: at no time t after a common release may more be
 * due than t.  It suffices to look at deadlines within the first busy period,
 * and, going downwards, to jump from t to the demand at t.
 */
#include "vmm/admission.h"

#include <errno.h>

#define TASKS_MAX 65535u
#define STEPS_MAX 100000u		/* of either loop */
#define BUSY_MAX_US (UINT64_C(1) << 42) /* no product below overflows */

static uint64_t demand(
	const struct admission_task *task, unsigned nr, uint64_t t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < nr; i++)
		if (task[i].slice_us && t >= task[i].deadline_us)
			sum += ((t - task[i].deadline_us) / task[i].period_us +
				       1) *
			       task[i].slice_us;
	return sum;
}

/* The latest deadline before @t, or 0. */
static uint64_t deadline_before(
	const struct admission_task *task, unsigned nr, uint64_t t)
{
	uint64_t latest = 0;

	for (unsigned i = 0; i < nr; i++) {
		if (!task[i].slice_us || task[i].deadline_us >= t)
			continue;
		uint64_t last = t - 1 - task[i].deadline_us;
		uint64_t deadline =
			last - last % task[i].period_us + task[i].deadline_us;
		if (deadline > latest)
			latest = deadline;
	}
	return latest;
}

/* Length of the busy period that begins with a common release. */
static int busy_period(
	const struct admission_task *task, unsigned nr, uint64_t *length)
{
	uint64_t now = 1;

	for (unsigned step = 0; step < STEPS_MAX; step++) {
		uint64_t next = 0;

		for (unsigned i = 0; i < nr; i++)
			if (task[i].slice_us)
				next += (now + task[i].period_us - 1) /
					task[i].period_us * task[i].slice_us;
		if (next <= now) {
			*length = now;
			return 0;
		}
		if (next > BUSY_MAX_US)
			return -E2BIG;
		now = next;
	}
	return -E2BIG;
}

/* Sum of slice/period, in parts per billion, rounded down for each task. */
static uint64_t utilisation_ppb(const struct admission_task *task, unsigned nr)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < nr; i++)
		if (task[i].slice_us)
			sum += task[i].slice_us * UINT64_C(1000000000) /
			       task[i].period_us;
	return sum;
}

static int refuse(struct admission_refusal *refusal, uint64_t at, uint64_t due)
{
	if (refusal)
		*refusal = (struct admission_refusal){at, due};
	return -EBUSY;
}

int admission_check(const struct admission_task *task, unsigned nr,
	struct admission_refusal *refusal)
{
	uint64_t t;

	if (nr > TASKS_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < nr; i++)
		if (task[i].slice_us &&
			(task[i].slice_us > task[i].deadline_us ||
				task[i].deadline_us > task[i].period_us))
			return -EINVAL;
	if (utilisation_ppb(task, nr) > 1000000000)
		return refuse(refusal, 0, 0);

	int err = busy_period(task, nr, &t);
	if (err)
		return err;

	t = deadline_before(task, nr, t + 1);
	for (unsigned step = 0; t; step++) {
		uint64_t due = demand(task, nr, t);

		if (due > t)
			return refuse(refusal, t, due);
		if (step == STEPS_MAX)
			return -E2BIG;
		t = deadline_before(task, nr, due < t ? due + 1 : t);
	}
	return 0;
}
