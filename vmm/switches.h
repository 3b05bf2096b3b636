/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the host switched the VMM's threads.
 */
#ifndef VMM_SWITCHES_H
#define VMM_SWITCHES_H

#include <stdint.h>

/**
 * switches_count - context switches, voluntary and not, of all threads of the
 * VMM so far.
 *
 * Short enough for a step: files below /proc, which tell threads apart, take
 * 50 us each.
 *
 * Source: getrusage(2), RUSAGE_SELF.
 */
uint64_t switches_count(void);

#endif
