/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer of the kernel in the root task's place: threads of privileged and
 * unprivileged spaces that come and go and ask for anything, page and handle
 * exceptions for each other or are paged and handled by the root task.
 *
 * Everything follows from the seed; under the instruction clock a run repeats.
 */
#ifndef TESTS_GUEST_FUZZ_FUZZ_H
#define TESTS_GUEST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"

#define FUZZ_THREADS 8
#define FUZZ_PRIVILEGED 2 /* the first ones, in the root task's own space */
#define FUZZ_FIRST 1000u  /* thread numbers */
#define FUZZ_VICTIMS 16	  /* numbers that privileged ones play with */
#define FUZZ_FIRST_VICTIM 1100u
#define FUZZ_INTERRUPTS 48

/* Memory for mappings, beside the image: sigma0's, in 2 MiB pages. */
#define FUZZ_MEMORY_BASE UINT64_C(0x1400000)
#define FUZZ_MEMORY_SIZE UINT64_C(0x400000)

/* Where privileged fuzzers accept mappings: nothing of the root task's. */
#define FUZZ_WINDOW_BASE UINT64_C(0x40000000)
#define FUZZ_WINDOW_LOG2 30

#define FUZZ_CODE_MAX 64
#define FUZZ_STACK_SIZE 6144

/*
 * A fuzzer's own memory, which alone it can write.  Code has a page to itself:
 * emulators throw away what they know of a page of code that is written.
 */
struct fuzzer {
	uint64_t random;
	uint64_t calls;
	uint64_t number;
	uint8_t stack[FUZZ_STACK_SIZE] __attribute__((aligned(16)));
	uint8_t code[FUZZ_CODE_MAX] __attribute__((aligned(4096)));
} __attribute__((aligned(4096)));

extern struct fuzzer fuzzer[FUZZ_THREADS];
extern uint32_t fuzz_version[FUZZ_THREADS];
extern thread_id_t fuzz_root;

/* The linker script's, and of code_begin.S and code_end.S. */
extern char image_start[], image_text_end[], image_end[];
extern char fuzz_code_begin[], fuzz_code_end[];

/**
 * fuzz_run - make @calls calls, or somewhat more; then all threads are gone
 * and all memory is taken back.
 *
 * Returns how many it were.
 */
uint64_t fuzz_run(uint64_t seed, uint64_t calls);

/* --- between the fuzzer's files --- */

/** fuzz_id - the id of fuzzer @n. */
static inline thread_id_t fuzz_id(unsigned n)
{
	return thread_id_global(FUZZ_FIRST + n, fuzz_version[n]);
}

/**
 * fuzz_is_root_text - some of @size bytes from @at on, in whole pages, is text
 * that is not the fuzzers'.
 *
 * It can end the domain, so no fuzzer is to find it in its space.
 */
static inline bool fuzz_is_root_text(uint64_t at, uint64_t size)
{
	uint64_t end = at + size;

	return (at < (uint64_t)fuzz_code_begin &&
		       end > (uint64_t)image_start) ||
	       (at < (uint64_t)image_text_end && end > (uint64_t)fuzz_code_end);
}

/** fuzz_entry - first instruction of a fuzzer; it is on top of its stack. */
void fuzz_entry(void);

/** fuzz_next - the next random number. */
uint64_t fuzz_next(struct fuzzer *f);

/** fuzz_id_of - an id of every kind; never the VMM's portal. */
uint64_t fuzz_any_id(uint64_t r);
uint64_t fuzz_victim(uint64_t r);
uint64_t fuzz_any_fpage(uint64_t r);
uint64_t fuzz_any_address(uint64_t r);
uint64_t fuzz_any_word(struct fuzzer *f);

/* What is in the registers when random code is entered; %rcx is lost. */
struct fuzz_registers {
	uint64_t rax, rbx, rdx, rsi, rdi, r8, r9, r10, r12, r13, r14, r15;
	uint64_t rbp, target;
};

/** fuzz_has_locked_bit - some of it is what the emulator cannot run: locked.c. */
bool fuzz_has_locked_bit(const uint8_t *code, const uint8_t *end);

/** fuzz_unlock_bits - make it such that it can. */
void fuzz_unlock_bits(uint8_t *code, const uint8_t *end);

/** fuzz_enter - call @r->target with these registers. */
void fuzz_enter(struct fuzz_registers *r);

/** fuzz_any_call - any system call. */
void fuzz_any_call(struct fuzzer *f, struct fuzz_registers *r);

/** fuzz_any_fault - something that a program must not do, or odd code. */
void fuzz_any_fault(struct fuzzer *f, struct fuzz_registers *r);

#endif
