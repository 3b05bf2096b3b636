/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holding a domain's vCPU for its debugger: what the loops that run vCPUs,
 * and the ends of domains, have to tell.
 *
 * A vCPU is brought to a stop by the thread that runs it: it enters the guest
 * once more with immediate_exit, so that an instruction whose port or memory
 * access is under way is complete.  The system's lock is held in all of this.
 */
#ifndef VMM_GDB_HOLD_H
#define VMM_GDB_HOLD_H

#include <stdbool.h>

struct domain;

/** hold_prepare - instead of domain_prepare, if d->hold is not HOLD_NONE. */
void hold_prepare(struct domain *d);

/** hold_stopped - the vCPU that was to stop has left the guest for that. */
void hold_stopped(struct domain *d);

/** hold_debug_exit - it left because of a breakpoint, watchpoint or step. */
void hold_debug_exit(struct domain *d);

/**
 * hold_halted - it left because of HLT, and there is d->debug.
 *
 * Returns whether that was a breakpoint.
 */
bool hold_halted(struct domain *d);

/** hold_ended - the domain's life is over. */
void hold_ended(struct domain *d);

#endif
