/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu-hog: computes without end.
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/workload/report.h"
#include "servers/workload/work.h"

#define CHUNK_US 10000

int main(void)
{
	struct work_rate rate = work_calibrate(startup_page()->tsc_khz);

	workload_begin();
	for (;;)
		work_do(rate, CHUNK_US);
}
