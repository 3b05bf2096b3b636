/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of a measurement have in common: when they begin, what
 * they have seen, and chance that repeats.
 *
 * Arguments: seed=NUMBER
 */
#ifndef SERVERS_WORKLOAD_REPORT_H
#define SERVERS_WORKLOAD_REPORT_H

#include <stdint.h>

/* Ends the line by which a program says that it does now what it is for. */
#define WORKLOAD_READY "hyperhurd: ready"
/* Begins a line of samples, with blanks between: nanoseconds, and behind an @
 * the TSC at their end, in decimal. */
#define WORKLOAD_SAMPLE "hyperhurd: sample"

/**
 * workload_begin - let a time pass that depends on the seed, then say ready.
 *
 * At most WORKLOAD_PHASE_MAX_US; none without a seed.  So the programs of a
 * system begin at different points of each other's work in each repeat.
 */
void workload_begin(void);

#define WORKLOAD_PHASE_MAX_US 50000u

/**
 * workload_sample - report that what began at @begun, a value of the TSC, has
 * just ended.
 *
 * Prints a line with every WORKLOAD_SAMPLES_A_LINE-th one.  Overwrites the
 * message registers.
 */
void workload_sample(uint64_t begun);

#define WORKLOAD_SAMPLES_A_LINE 8u

/** workload_random - the next number of the seed's sequence. */
uint64_t workload_random(void);

#endif
