/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making what a system consists of, before it runs and when a domain is
 * restarted.  Blocks, and says on standard error what does not work.
 */
#ifndef VMM_SETUP_H
#define VMM_SETUP_H

#include <stdbool.h>
#include <stdint.h>

struct domain;
struct system;

/**
 * setup_system - open the host, make pool, executors and all domains.
 *
 * Returns 0, or -1; what was made is left to the caller to destroy.
 */
__attribute__((warn_unused_result)) int setup_system(struct system *s);

/**
 * setup_domain - make domain @i once more, linked and with its images loaded.
 *
 * Nobody knows of it until setup_enlist().  Returns NULL if that failed.
 */
struct domain *setup_domain(struct system *s, unsigned i);

/**
 * setup_any_reserved - some domain was promised time: then the host's zeroing
 * of RAM has to be over before another one runs.
 */
bool setup_any_reserved(const struct system *s);

/** setup_enlist - its executor may run it from now on.  The lock is held, or
 * nothing runs yet. */
void setup_enlist(struct domain *d, uint64_t now);

#endif
