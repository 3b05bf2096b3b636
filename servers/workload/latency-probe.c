/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * latency-probe: is woken at every release of the domain's reservation.  Its
 * samples are how long after the release it runs.
 */
#include "servers/workload/release.h"
#include "servers/workload/report.h"
#include "servers/lib/libhurd/task.h"

int main(void)
{
	struct release release;

	release_begin(&release);
	workload_begin();
	for (;;) {
		uint64_t released = release_wait(&release);

		workload_sample(released);
	}
}
