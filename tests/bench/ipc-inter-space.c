/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short message to a thread of another space, the task "bench-echo": half a
 * round trip.
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

static struct bench bench;

int main(void)
{
	thread_id_t server = task_find("bench-echo");

	if (thread_id_is_nil(server))
		panic("there is no task bench-echo");
	bench_calls(&bench, server, THREAD_NIL);
	bench_report(&bench, "ipc-inter-space",
		bench_median(bench.ticks, BENCH_ROUNDS) / 2);
	return 0;
}
