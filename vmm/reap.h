/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains that have ended: taken away, told of, restarted.
 */
#ifndef VMM_REAP_H
#define VMM_REAP_H

#include <stdbool.h>

struct system;

/**
 * reap_all - take away every dead domain that its executor has let go.
 * @quiet: say nothing of domains that ended by themselves
 *
 * Those that are to be restarted are, as soon as there is memory for them.
 *
 * Blocks.  Returns true if one is dead and not let go yet, or waits for memory.
 */
bool reap_all(struct system *s, bool quiet);

#endif
