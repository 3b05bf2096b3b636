/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracing on and off.  The rings are made when they are first wanted, and
 * stay: whoever reads them may come late.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/system.h"
#include "vmm/trace/trace.h"

static unsigned count_executors(const struct system *s)
{
	unsigned nr = 0;

	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		nr += s->executor[cpu] && s->executor[cpu]->joinable;
	return nr;
}

/* Populated: an executor is not to wait for a page. */
static int make_file(struct system *s, unsigned nr)
{
	uint64_t size = trace_size(nr);
	int fd = memfd_create("hyperhurd-trace", MFD_CLOEXEC);
	struct trace_file *file;

	if (fd < 0)
		return -errno;
	file = ftruncate(fd, (off_t)size) < 0
		       ? MAP_FAILED
		       : mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_POPULATE, fd, 0);
	if (file == MAP_FAILED) {
		int err = -errno;

		close(fd);
		return err;
	}
	file->version = TRACE_VERSION;
	file->tsc_khz = clock_tsc_khz();
	file->nr_rings = nr;
	file->nr_domains = s->nr_domains;
	for (unsigned i = 0; i < s->nr_domains; i++)
		snprintf(file->name[i], sizeof(file->name[i]), "%s",
			launch_string(s->launch, s->launch->domain[i].name));
	s->trace = file;
	s->trace_fd = fd;
	return 0;
}

/* From now on; the lock is held. */
static void switch_on(struct system *s)
{
	struct trace_ring *ring = s->trace->ring;

	s->trace->started_at = clock_now();
	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++) {
		struct executor *ex = s->executor[cpu];

		if (!ex || !ex->joinable)
			continue;
		ring->cpu = cpu;
		ring->nr = 0;
		ex->trace = ring++;
		executor_trace_owner(ex);
	}
	for (unsigned i = LAUNCH_CPUS_MAX; i < EXECUTORS_MAX; i++)
		if (s->executor[i])
			s->executor[i]->trace = s->executor[i]->beside->trace;
}

static void want_points(struct system *s, bool wanted)
{
	s->guests_traced = wanted;
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i])
			points_want(s->domain[i], wanted);
}

void system_trace_domain(struct system *s, struct domain *d)
{
	points_want(d, s->guests_traced);
}

int system_trace_start(struct system *s, bool guests)
{
	unsigned nr = count_executors(s);
	int err = 0;

	if (!nr)
		return -ENOTSUP; /* threads of the host run the vCPUs */
	if (!s->trace)
		err = make_file(s, nr);
	if (err)
		return err;
	system_lock(s);
	switch_on(s);
	if (guests)
		want_points(s, true);
	system_unlock(s);
	return s->trace_fd;
}

void system_trace_stop(struct system *s)
{
	system_lock(s);
	want_points(s, false);
	for (unsigned i = 0; i < EXECUTORS_MAX; i++)
		if (s->executor[i])
			s->executor[i]->trace = NULL;
	system_unlock(s);
}

void system_trace_free(struct system *s)
{
	if (!s->trace)
		return;
	munmap(s->trace, trace_size(s->trace->nr_rings));
	close(s->trace_fd);
}
