/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the stub kernel's fuzzer. */
#ifndef TESTS_STUBKERNEL_FUZZ_H
#define TESTS_STUBKERNEL_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#define FUZZ_CALLERS 48u     /* caller slots, from 1 on */
#define FUZZ_SERVER_FIRST 64 /* caller slots of threads that serve */
#define FUZZ_SERVED 16u

/* What strings lie in, of the tables below. */
#define FUZZ_STRING_SPACE UINT64_C(0x800000)

extern uint32_t fuzz_served[FUZZ_SERVED], fuzz_nr_served; /* portals */
extern uint64_t fuzz_last_from; /* of the last request */

/** fuzz_seed - where random numbers begin. */
void fuzz_seed(uint64_t seed);

/** fuzz_any - a random number below @below. */
uint64_t fuzz_any(uint64_t below);

uint64_t fuzz_any_id(void);
uint64_t fuzz_any_timeout(void);

/** fuzz_put_message - any message with @label in the control page. */
void fuzz_put_message(uint64_t label);

/** fuzz_put_request - any request to the VMM but the one to end. */
void fuzz_put_request(void);

/** fuzz_put_strings - where strings of the thread at @caller_slot are. */
void fuzz_put_strings(uint32_t caller_slot);

/** fuzz_prepare_memory - map windows, take page faults, make user tables. */
void fuzz_prepare_memory(void);

/** fuzz_user_tables - page tables for strings: RAM not in use, and windows. */
uint64_t fuzz_user_tables(void);

/** fuzz_touch - somewhere in windows; returns whether it was there. */
bool fuzz_touch(void);

#endif
