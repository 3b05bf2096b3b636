/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that a domain has not given back in time: they are taken, in the
 * host's time as what a dead domain leaves is, or the domain ends.
 */
#ifndef VMM_FORCED_H
#define VMM_FORCED_H

#include <stdbool.h>

struct domain;
struct system;

/**
 * forced_all - take what is overdue; for the helper thread, without the lock,
 * which is held for a piece at a time.
 *
 * Returns true if a device still writes to what is to be taken: to be called
 * again.
 */
bool forced_all(struct system *s);

/** forced_balloon - look whether a Linux domain's balloon has changed. */
void forced_balloon(struct domain *d);

#endif
