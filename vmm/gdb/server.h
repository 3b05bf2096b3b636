/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debuggers connect here: a thread for each domain that may be debugged, which
 * serves one connection after the other.
 */
#ifndef VMM_GDB_SERVER_H
#define VMM_GDB_SERVER_H

#include "vmm/device/machine.h"
#include "vmm/gdb/address.h"
#include "vmm/launch.h"

struct system;

#define GDB_SERVERS_MAX LAUNCH_DOMAINS_MAX

struct gdb_servers;

/**
 * gdb_start - hold the domains that are named, and listen for debuggers.
 * @address: @nr of them, at most GDB_SERVERS_MAX
 * @error:   OUT, a line that names the domain
 *
 * The domains exist and do not run yet.  Returns 0, -EINVAL (no such domain,
 * or twice the same), or -errno of what the host refuses; nothing is left
 * behind then.
 */
int gdb_start(struct gdb_servers **servers, struct system *system,
	const struct gdb_address *address, unsigned nr,
	struct machine_error *error);

/** gdb_stop - hang up.  No domain runs any more, or none will; NULL is fine. */
void gdb_stop(struct gdb_servers *servers);

#endif
