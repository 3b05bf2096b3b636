/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * victim: in every period of the domain's reservation it computes a fixed
 * amount and makes one call to a server that others use too.  How well it gets
 * that done is for the VMM to measure.
 *
 * Arguments: portal=NAME compute_us=NUMBER call_us=NUMBER periods=NUMBER; it
 * ends after so many periods, or never if they are not given.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/workload/work.h"

#define RELEASE_IRQ 1
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

static void release_notify(void)
{
	uint64_t next_tsc, period_us;

	if (interrupt_attach(RELEASE_IRQ) != 0)
		panic("cannot get interrupt %u", RELEASE_IRQ);
	if (vmm_period_notify(RELEASE_IRQ, &next_tsc, &period_us) != VMM_OK)
		panic("the domain has no period");
}

int main(void)
{
	const char *args = startup_page()->args;
	const thread_id_t release = thread_id_interrupt(RELEASE_IRQ);
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
	release_notify();
	print("victim: %s\n", WORKLOAD_READY);
	L4_MsgTag_t tag = L4_Receive(release);

	for (uint64_t i = 0; i < periods; i++) {
		if (msgtag_failed(tag))
			panic("no release: error %lu", L4_ErrorCode());
		job_do(&job);
		/* Acknowledge this release and wait for the next. */
		L4_Set_MsgTag(MSGTAG_EMPTY);
		tag = L4_Call(release);
	}
	return 0;
}
