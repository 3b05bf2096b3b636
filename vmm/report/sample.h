/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the executors measure while a system runs: one struct measurement.
 *
 * Owner: vmm/report.  Writers: the executors, each for its own domains and its
 * own account.  Readers: the control socket (stat) and `hyperhurd crosstalk`,
 * which puts the structure into memory that it shares with the VMM that it
 * forks, so that reading disturbs nobody.  No locks: counters only grow, a
 * sample is complete before `nr` counts it.
 *
 * All times are nanoseconds of the one clock, clock_ns() of vmm/clock.h.
 */
#ifndef VMM_REPORT_SAMPLE_H
#define VMM_REPORT_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/launch.h"

#define MEASUREMENT_EXECUTORS_MAX 64
#define MEASUREMENT_FIGURES_MAX 128
#define PERIOD_LOG_SAMPLES 1024 /* the newest; a power of two */
#define FIGURE_NAME_MAX 64

/* Whether a reservation was kept in a period. */
enum guarantee {
	GUARANTEE_NONE, /* there is no reservation */
	GUARANTEE_KEPT,
	GUARANTEE_BROKEN, /* budget was wanted since it was usable, and not had */
};

/*
 * One period of a domain that has a period, with or without a reservation.
 * It is logged when its deadline has passed.
 */
struct period_sample {
	uint64_t release_ns;	 /* when the period began */
	uint64_t first_entry_ns; /* of its vCPU since then; 0: none till now */
	/*
	 * CPU time that its context got from the release to the deadline, on
	 * its own vCPU or on a server's for its calls; without helping.
	 */
	uint64_t received_by_deadline_ns;
	uint32_t ready_at_deadline; /* 1: it had work left at the deadline */
	uint32_t guarantee;	    /* enum guarantee */
};

/* The newest PERIOD_LOG_SAMPLES periods; sample n is at n modulo that. */
struct period_log {
	uint64_t nr; /* samples since the start; published last */
	struct period_sample sample[PERIOD_LOG_SAMPLES];
};

/*
 * What the time was spent on that a context has paid for.  Each moment of an
 * executor is in one of these, or in the host's or the idle time.
 */
enum spent {
	SPENT_GUEST,   /* in KVM_RUN: the guest, and KVM's entry and exit */
	SPENT_ACTIONS, /* the VMM: what guest kernels ask for; hand-offs */
	SPENT_DEVICES, /* the VMM: device models */
	SPENT_SCHED,   /* the VMM: deciding, timers */
	SPENT_OTHER,   /* the VMM: preemption, interrupt windows, faults */
	SPENT_HELPERS, /* threads and processes that do its I/O, while the
			* executor slept */
	NR_SPENT,
};

/** spent_name - "guest", "actions", "devices", "scheduling"  "other" or "helpers". */
const char *spent_name(enum spent cause);

/* The account of one domain's scheduling context. */
struct domain_account {
	uint64_t own_ns;	/* paid: its own vCPU ran */
	uint64_t lent_ns;	/* paid: a server's vCPU ran for its call */
	uint64_t for_others_ns; /* paid: helping, someone else's request ran */
	uint64_t ran_ns;	/* its vCPU ran, whoever paid */
	uint64_t exits;		/* of its vCPU */
	uint64_t ipc;		/* calls and sends through its portals */
	uint64_t restarts;	/* after crashes */
	uint64_t periods;	/* whose deadline has passed */
	uint64_t missed;	/* of those: GUARANTEE_BROKEN */
	uint64_t spent_ns[NR_SPENT]; /* own + lent + for others, by cause */
	uint64_t budget_ns;	     /* left in the current period */
	uint64_t frames_guaranteed;  /* RAM and containers */
	uint64_t frames_used;
	uint64_t frames_extra;	/* of those: beyond the guarantee */
	uint64_t frames_limit;	/* how many that may be */
	uint64_t frames_asked;	/* to be given back, all in all */
	uint64_t frames_forced; /* taken, all in all */
	uint64_t runs_guaranteed;
	uint64_t runs_used;
	uint64_t disk_requests; /* reads and writes that were started */
	uint64_t disk_read_bytes;
	uint64_t disk_written_bytes;
	uint64_t net_frames; /* both ways */
	uint64_t net_sent_bytes;
	uint64_t net_received_bytes;
	uint64_t net_dropped; /* frames, both ways */
};

struct executor_account {
	uint64_t started_ns; /* 0: there is no such executor */
	uint64_t wall_ns;    /* since then; what the accounts add up to */
	uint64_t spent_ns[NR_SPENT]; /* of its domains' contexts, by cause */
	uint64_t host_ns; /* the host's reservation and what it used of it */
	uint64_t idle_ns; /* asleep with no context ready */
	uint64_t longest_step_ns;
	uint64_t longest_step_cause;	 /* enum spent: of its end */
	uint64_t longest_step_marked_ns; /* since system_mark() */
	uint64_t steps;
	uint64_t host_context_switches;
};

/* A named figure that a program in a domain recorded (VMM_RECORD). */
struct figure {
	uint32_t domain; /* index in the launch record */
	uint32_t reserved_0;
	char name[FIGURE_NAME_MAX];
	uint64_t value;
};

struct measurement {
	uint32_t nr_domains;
	uint32_t nr_figures;	/* published last */
	uint32_t no_guarantees; /* 1: no real-time priority, or guards are on */
	uint32_t tsc_khz;	/* 0: nothing ran */
	struct domain_account domain[LAUNCH_DOMAINS_MAX];
	struct executor_account executor[MEASUREMENT_EXECUTORS_MAX];
	struct figure figure[MEASUREMENT_FIGURES_MAX];
	struct period_log log[LAUNCH_DOMAINS_MAX];
};

/**
 * period_log_add - append a sample; the oldest one gives way.
 * @log: written by one thread only
 *
 * Takes constant time and allocates nothing, so an executor may call it.
 */
static inline void period_log_add(
	struct period_log *log, const struct period_sample *sample)
{
	log->sample[log->nr % PERIOD_LOG_SAMPLES] = *sample;
	__atomic_store_n(&log->nr, log->nr + 1, __ATOMIC_RELEASE);
}

/**
 * period_log_read - copy samples out while the executor goes on.
 * @log:  the log
 * @next: number of the first sample wanted; moved behind the last one copied
 * @out:  room for @max samples
 *
 * Returns how many were copied, or -EOVERFLOW if sample *@next has been
 * overwritten already; then nothing is copied and *@next is the oldest one
 * that is still there.
 */
int period_log_read(const struct period_log *log, uint64_t *next,
	struct period_sample *out, unsigned max);

/**
 * measurement_figure_add - keep a named figure for the report.
 * @name: need not be terminated; what is not printable becomes '?'
 * @size: bytes at @name; cut to FIGURE_NAME_MAX - 1
 *
 * Returns 0, or -ENOSPC if MEASUREMENT_FIGURES_MAX figures are there.
 */
int measurement_figure_add(struct measurement *m, uint32_t domain,
	const char *name, uint32_t size, uint64_t value);

/**
 * measurement_map - zeroed memory for a measurement, shared with children.
 *
 * Pages cost memory only once they are written.  Returns NULL on ENOMEM.
 */
struct measurement *measurement_map(void);

/** measurement_unmap - give it back; NULL is allowed. */
void measurement_unmap(struct measurement *m);

#endif
