/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call of another domain, from the Ipc of a user thread until the reply is
 * visible to it, both guest kernels included.
 *
 * Arguments: portal=NAME [name=NAME of the figure]
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

static struct bench bench;

int main(void)
{
	thread_id_t server = portal_from_args();

	bench_calls(&bench, server, server);
	bench_report(&bench, "handoff-roundtrip",
		bench_median(bench.ticks, BENCH_ROUNDS));
	return 0;
}
