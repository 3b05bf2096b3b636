/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What processes beside the VMM give up before they look at foreign data.
 */
#ifndef VMM_CONFINE_H
#define VMM_CONFINE_H

#include <stdint.h>
#include <sys/resource.h>

/**
 * confine_privileges - root becomes nobody; nobody gets privileges any more.
 * @keep: set of capabilities (1 << CAP_*) that root's process keeps, over
 *        execve, too; one may be missing in a container, then it is not kept
 *
 * Returns 0 or -errno; then the process is to end.
 */
__attribute__((warn_unused_result)) int confine_privileges(uint32_t keep);

/**
 * confine_writing - no file can be written or made, whoever the user is.
 *
 * A kernel without Landlock goes without.
 */
void confine_writing(void);

/** confine_limit - a limit of RLIMIT_*, for good. */
void confine_limit(int resource, rlim_t value);

#endif
