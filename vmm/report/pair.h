/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a victim beside an antagonist, and what came out of it.
 *
 * Owner: vmm/report.  The VMM runs in a child process, which shares its period
 * logs with us; its accounts come over the control socket.
 */
#ifndef VMM_REPORT_PAIR_H
#define VMM_REPORT_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/launch.h"
#include "vmm/report/jitter.h"

#define PAIR_NO_ANTAGONIST "none"
#define PAIR_PERIODS_MAX 100000u

/* What to run. */
struct pair {
	const char *dir;  /* of the system's files */
	const char *root; /* what /hyperhurd stands for; NULL: default */
	const char *victim;
	const char *antagonist; /* or PAIR_NO_ANTAGONIST */
	const char *server;	/* runs in any case; "" for none */
	bool unreserved;	/* without reservations */
	unsigned periods;	/* 1..PAIR_PERIODS_MAX */
	int log_fd;		/* where the domains' lines go */
};

struct pair_reservation {
	uint32_t slice_us; /* 0: none */
	uint32_t period_us;
	uint32_t deadline_us;
};

struct pair_charge {
	char name[BOOT_NAME_MAX];
	uint64_t charged_ns; /* own, lent and for others */
	uint64_t for_others_ns;
};

struct pair_result {
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
	unsigned nr_charges;
	struct pair_charge charge[LAUNCH_DOMAINS_MAX];
};

/**
 * pair_run - run it, and measure as many periods as wanted.
 * @why: on error: what went wrong, a constant string, or NULL if it has been
 *       said on standard error
 *
 * Measuring begins when every domain but the server has printed a line that
 * ends in "hyperhurd: ready".  Returns 0, -EINVAL (configuration), -ETIMEDOUT
 * (not ready in time, or no progress), -ECHILD (the run ended by itself),
 * -ENOMEM, or another error of the system.
 */
__attribute__((warn_unused_result)) int pair_run(
	const struct pair *pair, struct pair_result *result, const char **why);

#endif
