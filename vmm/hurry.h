/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Being before other threads for a while, whatever one was.
 */
#ifndef VMM_HURRY_H
#define VMM_HURRY_H

#include "vmm/rank.h"

/**
 * hurry_begin - have the calling thread scheduled by SCHED_FIFO.
 * @priority: its priority there; 0: nothing changes
 *
 * What it starts meanwhile is not.  Where that is not allowed, nothing changes.
 * Returns what it was.
 */
struct rank hurry_begin(int priority);

/** hurry_end - be what one @was. */
void hurry_end(struct rank was);

#endif
