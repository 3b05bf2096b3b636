/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs: requests about containers in pieces, so that no step of an executor
 * is long, however many frames a request names.
 *
 * A domain has one job at most, and its vCPU does not run meanwhile.  A job
 * works on containers alone: it takes all of them when it starts, and who
 * needs one of them helps it to its end.  So a request is carried out as a
 * whole as far as others can see, and nobody waits in a circle.
 */
#ifndef VMM_MEMORY_JOB_H
#define VMM_MEMORY_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/control.h"
#include "vmm/memory/reference.h"

#define JOB_CONTAINERS 2
#define JOB_RESULTS 60

struct memory_domain;
struct window;

enum job_state {
	JOB_NONE,
	JOB_WAITS, /* for its containers, or for its first piece */
	JOB_RUNS,
	JOB_DONE,
};

struct job {
	enum job_state state;
	uint64_t label;		      /* CONTAINER_* */
	uint64_t word[MESSAGE_WORDS]; /* the request */
	struct memory_domain *peer;   /* whom the request names, or NULL */
	int err;		      /* of the reply */
	unsigned nr_results;
	uint64_t result[JOB_RESULTS]; /* from MR2 on */

	struct shared_container *held[JOB_CONTAINERS];
	struct container *from, *to;
	struct window *window;
	struct shared_container *orphan; /* to be freed */
	uint64_t start, at, end;	 /* numbers or indices */
	uint64_t done;
	/* Frames from `at` on that windows show otherwise than containers: a
	 * copy has lent them, they are about to go, or were made before `at`. */
	uint64_t pending;
	uint32_t first; /* where they lie */
	unsigned phase;
	unsigned ref;  /* made by the job */
	bool writable; /* so far */
	bool fresh;    /* the lock is the job's */
};

/**
 * job_begin - @d asks for @label.
 * @word: the request from MR0 on, MESSAGE_WORDS long, zero behind its end
 * @peer: whom it names by a portal, or NULL
 *
 * It has no job now.
 */
void job_begin(struct memory_domain *d, uint64_t label, const uint64_t *word,
	struct memory_domain *peer);

/** job_piece - one piece of @d's job, or of the one that is in its way. */
void job_piece(struct memory_domain *d);

/**
 * job_hold - the job of @d needs the container that its domain knows as @name.
 *
 * Returns 0, errors of reference_use, or -EAGAIN after a piece of the job that
 * holds it; then the caller begins anew.  To be called before anything else
 * has changed.
 */
__attribute__((warn_unused_result)) int job_hold(struct memory_domain *d,
	uint64_t name, unsigned rights, struct container **c);

/** job_peer_left - no job names @peer any more. */
void job_peer_left(struct memory_domain *peer);

#endif
