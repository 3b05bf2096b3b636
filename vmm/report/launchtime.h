/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timing a program that launches a guest, from outside.
 *
 * Owner: vmm/report.
 */
#ifndef VMM_REPORT_LAUNCHTIME_H
#define VMM_REPORT_LAUNCHTIME_H

#include <stdint.h>

#define LAUNCHTIME_EFFECT '!' /* what the guest writes to its serial port */

struct launchtime {
	uint64_t effect_ns; /* from exec until the guest's byte was read */
	uint64_t exit_ns;   /* from exec until the program was gone */
};

/**
 * launchtime_measure - run a program whose guest has its effect and ends.
 * @argv: the program, absolute or looked for in PATH; its standard output is
 *        where the guest's byte arrives, its standard error is lost
 *
 * Returns 0; -EPROTO if it ended without the byte; or the error of starting it.
 */
__attribute__((warn_unused_result)) int launchtime_measure(
	char *const *argv, struct launchtime *time);

/**
 * launchtime_memory - run a program whose guest has its effect and spins; kill
 * it after having looked.
 * @kib: peak resident memory without shared memory, in which the guest's RAM is
 *
 * Errors as for launchtime_measure().
 */
__attribute__((warn_unused_result)) int launchtime_memory(
	char *const *argv, uint64_t *kib);

#endif
