/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/guards.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define VALUE_SIZE 32

/* The first line of @root/@path into @value; "" if it cannot be read. */
static void read_value(const char *root, const char *path, char *value)
{
	char name[PATH_MAX];
	FILE *f;

	value[0] = '\0';
	if (snprintf(name, sizeof(name), "%s/%s", root, path) >=
		(int)sizeof(name))
		return;
	f = fopen(name, "re");
	if (!f)
		return;
	if (!fgets(value, VALUE_SIZE, f))
		value[0] = '\0';
	fclose(f);
}

bool guards_limit_real_time(const char *root)
{
	char value[VALUE_SIZE];

	read_value(root, "proc/sys/kernel/sched_rt_runtime_us", value);
	return strtol(value, NULL, 10) != -1;
}

bool guards_serve_others(const char *root, unsigned cpu)
{
	char value[VALUE_SIZE];
	char path[64];

	snprintf(path, sizeof(path),
		"sys/kernel/debug/sched/fair_server/cpu%u/runtime", cpu);
	read_value(root, path, value);
	return strtoull(value, NULL, 10) > 0;
}

bool guards_watch_memory(const char *root)
{
	static const char *const module[] = {
		"damon_stat", "damon_reclaim", "damon_lru_sort"};
	char value[VALUE_SIZE];
	char path[64];

	for (unsigned i = 0; i < sizeof(module) / sizeof(module[0]); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/parameters/enabled",
			module[i]);
		read_value(root, path, value);
		if (value[0] == 'Y')
			return true;
	}
	return false;
}
