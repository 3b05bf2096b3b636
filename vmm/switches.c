/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/switches.h"

#include <stdio.h>

#include "vmm/system.h"

static uint64_t of_thread(pid_t tid)
{
	char path[64];
	char line[128];
	unsigned long long n;
	uint64_t sum = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1 ||
			sscanf(line, "nonvoluntary_ctxt_switches: %llu", &n) ==
				1)
			sum += n;
	if (f)
		fclose(f);
	return sum;
}

uint64_t switches_count(const struct system *s)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		if (s->executor[cpu] && s->executor[cpu]->tid)
			sum += of_thread(s->executor[cpu]->tid);
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->domain[i] && s->domain[i]->vcputhread.tid)
			sum += of_thread(s->domain[i]->vcputhread.tid);
	return sum;
}
