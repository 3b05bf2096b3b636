/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain as the target of a debugger (gdb/target.h).
 *
 * The target outlives the domain: when the domain is started anew after a
 * crash, its next life is debugged through the same target.
 */
#ifndef VMM_GDB_DOMAIN_H
#define VMM_GDB_DOMAIN_H

#include "vmm/gdb/target.h"

struct system;

/**
 * gdb_target_create - make domain @index of @system a target, and hold it.
 * @event_fd: an eventfd, written when the domain has stopped or ended
 *
 * No vCPU runs yet.  Returns 0, -ENOTSUP if the host cannot debug guests, or
 * -ENOMEM.
 */
int gdb_target_create(struct gdb_target **target, struct system *system,
	unsigned index, int event_fd);

/**
 * gdb_target_release - all breakpoints away, and run on.
 *
 * It has stopped or ended.
 */
void gdb_target_release(struct gdb_target *t);

/** gdb_target_destroy - no vCPU runs any more. */
void gdb_target_destroy(struct gdb_target *t);

#endif
