/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short message to another thread of the same space: half a round trip.
 */
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

static char stack[4096] __attribute__((aligned(16)));
static struct bench bench;

int main(void)
{
	thread_id_t server =
		thread_create(bench_echo, NULL, stack, sizeof(stack));

	if (thread_id_is_nil(server))
		panic("no thread");
	bench_calls(&bench, server, THREAD_NIL);
	bench_report(&bench, "ipc-intra-space",
		bench_median(bench.ticks, BENCH_ROUNDS) / 2);
	return 0;
}
