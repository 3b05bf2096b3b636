/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checking kernel: the kernel as it is, and in between a look at all of
 * its books.
 *
 * NAME.c here is guestkernel/NAME.c with a function that checks what that file
 * keeps to itself; main.c goes through all books.  The release kernel knows
 * nothing of it.  The first thing that is wrong is named and the kernel stops.
 */
#ifndef GUESTKERNEL_CHECK_CHECK_H
#define GUESTKERNEL_CHECK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/pool.h"

struct mapping;
struct space;
struct tcb;

/**
 * check_that - go on if @ok, else say what does not hold, and of which object.
 *
 * Does not return then.  In a test on the host the test implements it.
 */
void check_that(bool ok, const char *what, const void *object);

/** check_ready - the ready queue; returns how many threads are in it. */
unsigned check_ready(void);

/** check_timeouts - the timeout queue; returns how many are in it. */
unsigned check_timeouts(void);

/**
 * check_mappings - one list of the mapping database.
 * @node: called for each, with the mapping it was derived from or NULL
 *
 * Returns how many nodes the list has.
 */
unsigned check_mappings(struct mapping *const *head,
	void (*node)(const struct mapping *m, const struct mapping *parent));

/** check_mapping_memory - all nodes were seen: their pages have no others. */
void check_mapping_memory(void);

/** check_frames - check_mappings for every frame. */
unsigned check_frames(
	void (*node)(const struct mapping *m, const struct mapping *parent));

/** check_caller - @t's slot is its own. */
void check_caller(const struct tcb *t);

/** check_callers - the slots without threads, and their memory. */
void check_callers(void);

/** check_portals - who serves what. */
void check_portals(void);

/**
 * check_space - a space: its tables and what its UTCB area holds.
 * @nr_threads: how many threads it has
 *
 * Returns the number of its user pages that the mapping database has to know.
 */
unsigned check_space(struct space *space, unsigned nr_threads);

/** check_space_memory - all spaces were seen. */
void check_space_memory(void);

/** check_tables - page tables; called by check_space(). */
unsigned check_tables(struct space *space);

/** check_translates - @space has @m's page at @m's address. */
void check_translates(const struct mapping *m, const struct mapping *parent);

/** check_utcb - @t's UTCB is where its space has it. */
void check_utcb(const struct tcb *t);

/**
 * check_threads - all threads, their queues, and their memory.
 *
 * Returns the number of mapped pages of all spaces.
 */
unsigned check_threads(void);

/** check_next_tcb - after @t (NULL: the first), a TCB's place with memory. */
struct tcb *check_next_tcb(const struct tcb *t);

/* --- every page of the kernel's memory belongs to one owner --- */

/** check_pool_begin - nothing has been seen yet. */
void check_pool_begin(void);

/** check_page - @page, of the pool, has an owner. */
void check_page(const void *page, const char *owner);

/** check_object - @object is in use. */
void check_object(const void *object, uint64_t size);

/** check_slab - all objects of @slab were seen. */
void check_slab(const struct slab *slab, uint64_t size);

/** check_pool_end - all owners were seen; returns the pages in use. */
uint64_t check_pool_end(void);

/** check_pool_print - who has how many pages, as seen last. */
void check_pool_print(void);

/* --- system calls of the checking kernel, by number (%rbp) --- */

/*
 * Check now.  Out: %rax checks made so far, %rdx pages of the pool in use, %rsi
 * system calls so far of all threads but sigma0 and the root task's first.
 */
#define CHECK_CALL_NOW 0x43484b00u
/* The same, and say on the console who has the pages. */
#define CHECK_CALL_PRINT 0x43484b02u
/* Put error %rdi (CHECK_FAULT_*) into a book.  Out: %rax 1, or 0. */
#define CHECK_CALL_FAULT 0x43484b01u

/**
 * check_fault - put an error in.  False: there is nothing to do it to.
 * @self: the calling thread
 */
bool check_fault(uint64_t fault, struct tcb *self);

enum {
	CHECK_FAULT_READY_ORDER,   /* the highest priority is wrong */
	CHECK_FAULT_READY_STATE,   /* a thread in the ready queue waits */
	CHECK_FAULT_LOST,	   /* a thread is ready and in no queue */
	CHECK_FAULT_TWO_QUEUES,	   /* a sender is also in the ready queue */
	CHECK_FAULT_SENDERS,	   /* a sender waits elsewhere */
	CHECK_FAULT_WAKE_UP,	   /* a receiver waits for a queued sender */
	CHECK_FAULT_TIMEOUT_ORDER, /* a deadline in the wrong list */
	CHECK_FAULT_TIMEOUT_LOST,  /* a deadline is in no queue */
	CHECK_FAULT_THREAD_NUMBER, /* a thread at another's place */
	CHECK_FAULT_SPACE_COUNT,   /* a space with a thread too many */
	CHECK_FAULT_MAPPING_DEPTH, /* a node without a parent */
	CHECK_FAULT_MAPPING_PAGE,  /* a node without a page */
	CHECK_FAULT_RIGHTS,	   /* a page with more rights than its source */
	CHECK_FAULT_LEAK,	   /* a page of the pool that nobody has */
	CHECK_FAULT_DOUBLE_FREE,   /* a page that was freed twice */
	CHECK_FAULT_NR,
};

#endif
