/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests in the root task's place need: helper threads, a second space.
 */
#ifndef TESTS_GUEST_FIXTURE_H
#define TESTS_GUEST_FIXTURE_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"

#define PAGE_SIZE 4096

/** spawn - run @entry(@arg) in a new thread of this space. */
thread_id_t spawn(void (*entry)(void *), void *arg);

/**
 * spawn_in_new_space - run @entry(@arg) in a space of its own.
 *
 * The space shares this program's memory: a pager thread maps it there, page
 * by page, at the same addresses.  Returns nil on failure.
 */
thread_id_t spawn_in_new_space(void (*entry)(void *), void *arg);

/**
 * settle - let all other threads run until each of them waits.
 *
 * By priority, not by time: the test takes the lowest for a moment.
 */
void settle(void);

/**
 * space_create - a space with one thread that is not active.
 *
 * Returns the thread's id, or nil.
 */
thread_id_t space_create(void);

/** thread_activate - let thread @id of another space wait for @pager. */
uint64_t thread_activate(thread_id_t id, thread_id_t pager);

/** kill - delete a thread, of whatever space. */
void kill(thread_id_t id);

/** stack_top - an unused stack with @entry and @arg for thread_entry. */
uint64_t stack_top(void (*entry)(void *), void *arg);

/** pager_thread - the thread that pages the spaces made here. */
thread_id_t pager_thread(void);

/** image_touch - have every page of this program mapped. */
void image_touch(void);

/** tsc - the time-stamp counter. */
static inline uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif
