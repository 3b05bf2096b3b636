/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/guards.c */
/*
 * What a host does against real-time threads, read from files like its own.
 */
#include "vmm/guards.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static char root[] = "/tmp/guards_test.XXXXXX";

/* A file of that host, in the folder @dir. */
static void host_says(const char *dir, const char *name, const char *value)
{
	char text[512];
	FILE *f;

	snprintf(text, sizeof(text), "mkdir -p %s/%s", root, dir);
	CHECK_EQ(system(text), 0);
	snprintf(text, sizeof(text), "%s/%s/%s", root, dir, name);
	f = fopen(text, "w");
	REQUIRE(f);
	fprintf(f, "%s\n", value);
	fclose(f);
}

TEST(real_time_threads_are_limited_unless_it_says_otherwise)
{
	CHECK(guards_limit_real_time(root));
	host_says("proc/sys/kernel", "sched_rt_runtime_us", "950000");
	CHECK(guards_limit_real_time(root));
	host_says("proc/sys/kernel", "sched_rt_runtime_us", "-1");
	CHECK(!guards_limit_real_time(root));
}

TEST(fair_servers_are_told_apart_by_cpu)
{
	CHECK(!guards_serve_others(root, 0));
	host_says("sys/kernel/debug/sched/fair_server/cpu0", "runtime", "0");
	host_says("sys/kernel/debug/sched/fair_server/cpu1", "runtime",
		"50000000");
	CHECK(!guards_serve_others(root, 0));
	CHECK(guards_serve_others(root, 1));
	CHECK(!guards_serve_others(root, 2));
}

TEST(a_module_that_watches_memory_is_seen)
{
	CHECK(!guards_watch_memory(root));
	host_says("sys/module/damon_stat/parameters", "enabled", "N");
	host_says("sys/module/damon_reclaim/parameters", "enabled", "N");
	CHECK(!guards_watch_memory(root));
	host_says("sys/module/damon_reclaim/parameters", "enabled", "Y");
	CHECK(guards_watch_memory(root));
	host_says("sys/module/damon_reclaim/parameters", "enabled", "N");
	host_says("sys/module/damon_stat/parameters", "enabled", "Y");
	CHECK(guards_watch_memory(root));
}

static const struct tap_case cases[] = {
	CASE(real_time_threads_are_limited_unless_it_says_otherwise),
	CASE(fair_servers_are_told_apart_by_cpu),
	CASE(a_module_that_watches_memory_is_seen)};

int main(void)
{
	char text[64];
	int status;

	if (!mkdtemp(root))
		return 1;
	status = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
	snprintf(text, sizeof(text), "rm -r %s", root);
	return system(text) ? 1 : status;
}
