/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a program in a domain measures IPC: single round trips by the TSC, the
 * median of many, reported to the VMM as figures of the run.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"

#define BENCH_WARM_UP 200
#define BENCH_ROUNDS 1000

/* A request to handoff-server: the reply's MR1 is its domain's exits. */
#define BENCH_EXITS 1u

/* What handoff-server has room for: bytes of a string. */
#define BENCH_STRING 4096

/** Ticks of the rounds, less what reading the TSC twice takes. */
struct bench {
	uint64_t ticks[BENCH_ROUNDS];
	uint64_t exits;	   /* of both domains, in all rounds */
	uint64_t switches; /* host context switches in all rounds */
};

/** bench_tsc - the time-stamp counter, behind all that stands before it. */
static inline uint64_t bench_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc"
			 : "=a"(low), "=d"(high)
			 :
			 : "memory");
	return (uint64_t)high << 32 | low;
}

/**
 * bench_calls - measure calls of @server with an empty message.
 * @server_domain: @server, if it is handoff-server in another domain; else nil
 */
void bench_calls(
	struct bench *bench, thread_id_t server, thread_id_t server_domain);

/** bench_tsc_cost - ticks between two readings with nothing between. */
uint64_t bench_tsc_cost(void);

/**
 * bench_report - record NAME.instructions, .exits, .host_context_switches.
 * @otherwise: NAME, if the program has no argument name=NAME
 * @ticks:     the figure; under an instruction clock these are instructions
 */
void bench_report(
	const struct bench *bench, const char *otherwise, uint64_t ticks);

/** bench_median - of @nr values, which get sorted. */
uint64_t bench_median(uint64_t *value, unsigned nr);

/** bench_record - record NAME.WHAT; a figure that is lost ends the program. */
void bench_record(const char *name, const char *what, uint64_t figure);

/**
 * no_ipc - stands in for the kernel's stub of Ipc (l4_links): as many
 * instructions, and no system call.
 */
void no_ipc(void);

/** bench_echo - answer every message with an empty one, for ever. */
void bench_echo(void *unused);

#endif
