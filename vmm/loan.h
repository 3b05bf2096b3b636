/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a context runs: a call lends the caller's context to the server.
 */
#ifndef VMM_LOAN_H
#define VMM_LOAN_H

#include <stdbool.h>

struct call;
struct context;
struct domain;
struct executor;

/**
 * loan_follow - the vCPU that context @c would run now.
 * @via: OUT, a queued call on the way, NULL if none: while it stays queued
 *     the context helps with someone else's request
 *
 * Its own vCPU if that has an event or was left by preemption; else along the
 * newest outstanding call; back to its own if the kernel has more ready; else
 * along the older calls.  A vCPU met twice is a deadlock.  Only domains of
 * @ex count: between executors no context is lent.
 *
 * Returns the domain, or NULL if there is nothing to run.
 */
struct domain *loan_follow(
	struct executor *ex, const struct context *c, const struct call **via);

/**
 * loan_remember - nothing changes that decides who can run, up to
 * loan_forget(): a walk that found nobody spares others its way.
 */
void loan_remember(struct executor *ex);

/** loan_forget - that is over. */
void loan_forget(struct executor *ex);

/**
 * loan_has_lender - a request that @d works on, or that waits at it, comes
 * from a context that has budget or takes slack.
 */
bool loan_has_lender(struct executor *ex, struct domain *d);

#endif
