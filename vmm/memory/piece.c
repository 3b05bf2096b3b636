/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pieces of several operations do.
 */
#include "vmm/memory/piece.h"

#include <errno.h>

int piece_hold_range(struct memory_domain *d, unsigned rights)
{
	struct job *job = &d->job;
	uint64_t missing;
	int err;

	if (!container_range_ok(job->word[2], job->word[3]))
		return -EINVAL;
	err = job_hold(d, job->word[1], rights, &job->from);
	if (err)
		return err;
	if (!container_has(job->from, job->word[2], job->word[3], &missing))
		return -ENOENT;
	job->start = job->at = job->word[2];
	job->end = job->start + job->word[3];
	return 0;
}

bool piece_force(struct memory_domain *d)
{
	struct job *job = &d->job;
	uint64_t end = least(job->end, job->at + BOOK_FRAMES);
	int changed = 0;

	while (job->at < end && !changed) {
		changed = container_write(job->from, job->at) > 0;
		if (changed)
			windows_refresh(d->memory, job->from, job->at, 1);
		job->at++;
	}
	if (job->at < job->end)
		return false;
	job->at = job->start;
	return true;
}
