/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a system with a victim in it, and what came out of it.
 *
 * Owner: vmm/report.  The VMM runs in a child process, which shares its period
 * logs with us; its accounts come over the control socket, the victim's own
 * samples over its console.
 */
#ifndef VMM_REPORT_PAIR_H
#define VMM_REPORT_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/launch.h"
#include "vmm/report/jitter.h"
#include "vmm/report/samples.h"
#include "vmm/trace/fetch.h"

#define PAIR_NO_ANTAGONIST "none"
#define PAIR_PERIODS_MAX 100000u

/* What to run. */
struct pair {
	const char *dir;	/* of the system's files */
	const char *root;	/* what /hyperhurd stands for; NULL: default */
	const char *only;	/* some of its domains; NULL: all */
	const char *victim;	/* NULL: the one that is essential */
	const char *antagonist; /* whose reservation is reported, or "" */
	bool unreserved;	/* without reservations */
	unsigned periods;	/* of the victim, 1..PAIR_PERIODS_MAX; or 0: */
	unsigned interval_ms;	/* as many of them as begin in that time */
	bool trace;		/* keep a trace of the measurement */
	int log_fd;		/* where the domains' lines go */
};

struct pair_reservation {
	uint32_t slice_us; /* 0: none */
	uint32_t period_us;
	uint32_t deadline_us;
};

struct pair_charge {
	char name[BOOT_NAME_MAX];
	struct pair_reservation reservation;
	uint64_t charged_ns; /* own, lent and for others */
	uint64_t for_others_ns;
};

/* Where the time of a CPU went; what was spent, all contexts together. */
struct pair_cpu {
	uint64_t spent_ns;
	uint64_t host_ns;
	uint64_t idle_ns;
	uint64_t wall_ns;
};

struct pair_result {
	char name[BOOT_NAME_MAX]; /* the victim's */
	struct pair_reservation victim;
	struct pair_reservation antagonist; /* all 0 without one */
	struct jitter jitter;
	uint64_t interval_ns; /* in which the charges accrued */
	uint64_t host_ns;
	uint64_t idle_ns;
	uint64_t spent_ns[NR_SPENT]; /* what all charges were spent on */
	uint64_t longest_step_ns;    /* of any executor, while measuring */
	uint64_t start_step_ns;	     /* the longest until measuring began */
	bool no_guarantees;
	unsigned nr_cpus;
	struct pair_cpu cpu[MEASUREMENT_EXECUTORS_MAX];
	unsigned nr_charges;
	struct pair_charge charge[LAUNCH_DOMAINS_MAX];
	unsigned victim_index;
	struct samples samples;	  /* that the victim reported */
	struct trace_fetch trace; /* all zero: none wanted */
};

/**
 * pair_run - run it, and measure as many periods as wanted.
 * @why: on error: what went wrong, a constant string, or NULL if it has been
 *       said on standard error
 *
 * Measuring begins when the victim and every domain that serves no portal have
 * printed a line that ends in "hyperhurd: ready".  Returns 0, -EINVAL
 * (configuration), -ETIMEDOUT (not ready in time, or no progress), -ECHILD (the
 * run ended by itself), -ENOMEM, or another error of the system.  On success
 * the caller owns @result: pair_free().
 */
__attribute__((warn_unused_result)) int pair_run(
	const struct pair *pair, struct pair_result *result, const char **why);

/** pair_free - give back what a result holds. */
void pair_free(struct pair_result *result);

#endif
