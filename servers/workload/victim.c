/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * victim: in every period of the domain's reservation it computes a fixed
 * amount and makes one call to a server that others use too.  The VMM measures
 * how it gets its time; its samples are how long after the release it is done.
 *
 * Arguments: portal=NAME compute_us=NUMBER call_us=NUMBER periods=NUMBER; it
 * ends after so many periods, or never if they are not given.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/release.h"
#include "servers/workload/report.h"
#include "servers/workload/work.h"

#define COMPUTE_US_DEFAULT 9000
#define CALL_US_DEFAULT 200
#define PERIODS_DEFAULT UINT64_MAX

struct job {
	thread_id_t portal;
	struct work_rate rate;
	uint64_t compute_us;
	uint64_t call_us;
};

static void job_do(const struct job *job)
{
	work_do(job->rate, job->compute_us);
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, job->call_us);
	if (msgtag_failed(L4_Call(job->portal)))
		panic("the server failed: error %lu", L4_ErrorCode());
}

int main(void)
{
	const char *args = startup_page()->args;
	struct release release;
	struct job job = {
		.portal = portal_from_args(),
		.rate = work_calibrate(startup_page()->tsc_khz),
		.compute_us =
			args_number(args, "compute_us", COMPUTE_US_DEFAULT),
		.call_us = args_number(args, "call_us", CALL_US_DEFAULT),
	};
	uint64_t periods = args_number(args, "periods", PERIODS_DEFAULT);

	/* The first time is slower: pages are fetched, the server starts. */
	job_do(&job);
	release_begin(&release);
	workload_begin();
	for (uint64_t i = 0; i < periods; i++) {
		uint64_t released = release_wait(&release);

		job_do(&job);
		workload_sample(released);
	}
	return 0;
}
