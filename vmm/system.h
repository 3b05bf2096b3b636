/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running system: the executors, the domains, the portals, the frame pool.
 *
 * One lock protects all of it.  Executors hold it during their steps, which
 * are bounded, and not while a vCPU runs; helper threads hold it as briefly.
 * With one executor nobody ever waits for it.
 */
#ifndef VMM_SYSTEM_H
#define VMM_SYSTEM_H

#include <stdbool.h>

#include "vmm/control/control.h"
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/gdb/server.h"
#include "vmm/launch.h"
#include "vmm/lock.h"
#include "vmm/memory/filler.h"
#include "vmm/vcpu.h"

/* One for each CPU, then one for each domain with a thread of its own. */
#define EXECUTORS_MAX (LAUNCH_CPUS_MAX + LAUNCH_DOMAINS_MAX)

struct system {
	struct lock lock;
	const struct launch *launch;
	struct kvm kvm;
	struct frame_pool *pool;
	struct filler filler; /* of it */
	struct memory memory; /* containers */
	struct measurement *measurement;
	struct executor *executor[EXECUTORS_MAX]; /* NULL: not needed */
	unsigned nr_domains;
	struct domain *domain[LAUNCH_DOMAINS_MAX];
	/* The portals of the configuration: one for each launch_portal, shared
	 * by those of the same name and server; they outlive a restart. */
	struct portal *named[LAUNCH_PORTALS_MAX];
	struct domain_account ended[LAUNCH_DOMAINS_MAX]; /* earlier lives */
	enum domain_life life[LAUNCH_DOMAINS_MAX]; /* of those not there */
	int status[LAUNCH_DOMAINS_MAX];
	uint64_t returns[LAUNCH_DOMAINS_MAX]; /* by then it has to be restarted,
					       * if it waits for that; or 0 */
	struct gdb_target *debug[LAUNCH_DOMAINS_MAX]; /* NULL: not debugged */
	bool stopping;
	int event_fd;		  /* written when a domain's life ended */
	struct trace_file *trace; /* NULL: there was none yet */
	int trace_fd;
	bool guests_traced;
	bool clock_known;    /* clock_setup() was called */
	uint64_t tsc_origin; /* the clock of this run begins here */
};

/** system_export - bring the measurement up to date.  The lock is held. */
void system_export(struct system *s);

/**
 * system_link_server - give @d the server ends of its configured portals.
 * system_link_client - give @d the capabilities that it is configured to have.
 *
 * All server ends are made before any client's.  0 or -ENOSPC.
 */
int system_link_server(struct system *s, struct domain *d);
int system_link_client(struct system *s, struct domain *d);

/** system_reserve - put the configured reservation of @d in force now. */
void system_reserve(struct domain *d, uint64_t now);

/** system_trace_domain - @d begins: it is traced like the others.  The lock is
 * held. */
void system_trace_domain(struct system *s, struct domain *d);

/** system_trace_free - executors have stopped: give the rings back. */
void system_trace_free(struct system *s);

/** system_executor_of - who runs domain @index. */
static inline struct executor *system_executor_of(
	const struct system *s, unsigned index)
{
	struct executor *own = s->executor[LAUNCH_CPUS_MAX + index];

	return own ? own : s->executor[s->launch->domain[index].cpu];
}

/* How a run is made; set up by the command line. */
struct system_options {
	const char *name;      /* of the system, for list */
	bool quiet;	       /* no lines about domains that come and go */
	bool no_control;       /* no control socket */
	unsigned time_limit_s; /* 0: none */
	enum runner runner;
	const struct gdb_address *gdb; /* nr_gdb of them */
	unsigned nr_gdb;
	struct measurement *measurement; /* shared with the parent, or NULL */
};

#define SYSTEM_EXIT_OK 0
#define SYSTEM_EXIT_HOST 1   /* the host lacks or refuses something */
#define SYSTEM_EXIT_CONFIG 2 /* the configuration is wrong */
#define SYSTEM_EXIT_DOMAIN 3 /* a domain crashed */
#define SYSTEM_EXIT_TIME 124 /* the time limit has passed */

/**
 * system_run - launch a system and wait for its end.
 *
 * It ends when an essential domain ends, or when no domain is left, or on
 * SIGINT or SIGTERM (which the caller has blocked in all threads).  Returns
 * the exit status: that of the first essential domain that ended, or one of
 * SYSTEM_EXIT_*, or 128 + the signal.
 */
int system_run(const struct launch *launch, const struct system_options *opt);

static inline void system_lock(struct system *s)
{
	lock_take(&s->lock);
}

static inline void system_unlock(struct system *s)
{
	lock_give(&s->lock);
}

#endif
