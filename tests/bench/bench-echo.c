/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The partner of ipc-inter-space.
 */
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

int main(void)
{
	bench_echo(NULL);
	return 0;
}
