/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References: capabilities for containers, in a table per domain.
 *
 * A full reference may allocate, deallocate and destroy; a weak one only reads
 * or writes what is there.  A reference derived from another goes with it, in
 * any number of steps.  A container lives as long as its first reference.
 */
#ifndef VMM_MEMORY_REFERENCE_H
#define VMM_MEMORY_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vmm/memory/container.h"

#define REFERENCES_MAX 64u /* of a domain; 0 names none */

#define REFERENCE_READ 1u
#define REFERENCE_WRITE 2u
#define REFERENCE_FULL 4u
#define REFERENCE_RIGHTS 7u

struct holder;
struct memory_domain;
struct shared_container;

struct reference {
	struct shared_container *of; /* NULL: the entry is free */
	struct holder *holder;
	uint64_t serial; /* never used twice */
	unsigned rights;
	unsigned depth; /* derived in so many steps */
	TAILQ_ENTRY(reference) link;
};

/* References in preorder: what follows deeper is derived. */
TAILQ_HEAD(reference_list, reference);

struct shared_container {
	struct container *container;
	struct reference_list references;
	struct holder *lock;	    /* who has locked it, or NULL */
	struct memory_domain *busy; /* whose request works on it, or NULL */
	unsigned rank; /* the higher, the sooner frames are taken from it */
};

/* What a domain has. */
struct holder {
	struct frame_table *table;
	unsigned index; /* the domain's */
	struct account account;
	struct reference reference[REFERENCES_MAX];
};

/** holder_init - no references, an account of @pool without a guarantee. */
void holder_init(struct holder *h, unsigned index, struct frame_table *table,
	struct account_pool *pool);

/** holder_any - one of its references, 0 if there is none. */
unsigned holder_any(const struct holder *h);

/**
 * reference_create - a new container, its frames charged to @account.
 * @name: OUT, the full reference
 *
 * Returns 0, -ENFILE (no free entry) or -ENOMEM.
 */
__attribute__((warn_unused_result)) int reference_create(
	struct holder *h, struct account *account, unsigned *name);

/**
 * reference_use - the container behind @name, for an operation that needs
 * @rights.
 *
 * Returns 0, -EBADF (no such reference), -EACCES (rights), or -EBUSY (another
 * domain has locked it).
 */
__attribute__((warn_unused_result)) int reference_use(const struct holder *h,
	uint64_t name, unsigned rights, struct container **c);

/**
 * reference_give - derive a reference for another domain.
 * @rights: REFERENCE_FULL grants access, else it shares
 * @given:  OUT, its name there
 *
 * Returns 0, -EINVAL (no right, or unknown ones), -EBADF, -EACCES (more than
 * it has itself), or -ENFILE (no free entry there).
 */
__attribute__((warn_unused_result)) int reference_give(struct holder *h,
	uint64_t name, struct holder *to, unsigned rights, unsigned *given);

/**
 * reference_origin - the domain that gave @name away, or that created the
 * container.
 * @index: OUT
 *
 * Returns 0 or -EBADF.
 */
__attribute__((warn_unused_result)) int reference_origin(
	const struct holder *h, uint64_t name, unsigned *index);

/**
 * reference_may_revoke - 0, -EBADF, -EACCES (not @rights), or -EBUSY (another
 * domain has locked the container).
 */
__attribute__((warn_unused_result)) int reference_may_revoke(
	const struct holder *h, uint64_t name, unsigned rights);

/**
 * reference_revoke - delete all that was derived from @name, which there is.
 * @itself: delete @name too
 *
 * Locks of domains that have no reference any more end.  Returns the container
 * if this was its last reference: shared_free is next.
 */
__attribute__((warn_unused_result)) struct shared_container *reference_revoke(
	struct holder *h, unsigned name, bool itself);

/** reference_destroy - delete all references to @name's container; likewise. */
__attribute__((warn_unused_result)) struct shared_container *reference_destroy(
	struct holder *h, unsigned name);

/** shared_free - the container goes, which no reference names. */
void shared_free(struct shared_container *s);

/** reference_lock - nobody else may use the container; errors of
 * reference_use. */
__attribute__((warn_unused_result)) int reference_lock(
	struct holder *h, uint64_t name);

/** reference_unlock - -EBADF, -EBUSY, or -EINVAL (not locked). */
__attribute__((warn_unused_result)) int reference_unlock(
	struct holder *h, uint64_t name);

#endif
