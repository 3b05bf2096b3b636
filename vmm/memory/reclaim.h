/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extra frames that a domain has to give back: a notice with a deadline, then
 * they are taken.
 *
 * Who has control decides how many; guarantees are never asked for.  What is
 * taken, the domain's containers do not have any more, as if it had deallocated
 * it: windows have holes there, and who touches them faults.
 */
#ifndef VMM_MEMORY_RECLAIM_H
#define VMM_MEMORY_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>

#define RECLAIM_NO_IRQ (-1)

struct domain;
struct memory;
struct memory_domain;

struct reclaim {
	int irq; /* raised when frames are asked for, or RECLAIM_NO_IRQ */
	const struct container *from; /* taken from last, */
	uint64_t at;		      /* up to this number */
	uint64_t asked;		      /* frames, all in all */
	uint64_t forced;
	/* Of what its balloon may take: */
	uint64_t granted;   /* what it may have, */
	uint64_t overdrawn; /* what it has and nobody pays for */
	bool late;	    /* for too long */
};

enum reclaim_step {
	RECLAIM_DONE,  /* nothing has to be taken, or not yet */
	RECLAIM_MORE,  /* some were taken, more are to be */
	RECLAIM_WAITS, /* more are to be taken when I/O workers had a CPU */
	RECLAIM_STUCK, /* it has more than it may, in locked containers, as page
			* tables or not in its balloon: it is to be stopped */
};

/**
 * reclaim_limit - @d may use @extra frames beyond its guarantee, from @us
 * microseconds on at the latest.
 *
 * Returns how many it has to give back until then.
 */
uint64_t reclaim_limit(struct memory_domain *d, uint64_t extra, uint64_t us);

/**
 * reclaim_for_return - a domain that is restarted needs @frames extra ones, as
 * its RAM: what is free is kept for it, and who uses more than its configuration
 * says has to give the difference back within @us.
 *
 * Returns how many are still missing; to be called again.
 */
uint64_t reclaim_for_return(struct memory *m, uint64_t frames, uint64_t us);

/** reclaim_returned - nothing is kept for it any more. */
void reclaim_returned(struct memory *m);

/** reclaim_expired - the time of the last reclaim_limit is over. */
void reclaim_expired(struct memory_domain *d);

/** reclaim_piece - take some of what @d has not given back in time. */
enum reclaim_step reclaim_piece(struct memory_domain *d);

/**
 * reclaim_changed - frames may have become free: a balloon may have less, and
 * who has control sees it.
 */
void reclaim_changed(struct memory *m);

/**
 * reclaim_balloon_holds - the balloon of @d has @pages.
 *
 * A driver may act on an earlier limit once more: what it takes out and may not
 * have, it has to put back within RECLAIM_BALLOON_US.
 */
void reclaim_balloon_holds(struct memory_domain *d, uint64_t pages);
#define RECLAIM_BALLOON_US 20000000u

/**
 * reclaim_ask - tell @owner by @irq, and call reclaim_expired after @us, or,
 * if that is 0, have reclaim_piece called soon.
 *
 * Implemented by the VMM's domains, as are the following.
 */
void reclaim_ask(struct domain *owner, int irq, uint64_t frames, uint64_t us);

/**
 * reclaim_is_there - @owner runs: it is neither being made nor unmade, when it
 * has containers, but maybe no devices and no executor.
 */
bool reclaim_is_there(const struct domain *owner);

/** reclaim_notify - raise @irq in @owner. */
void reclaim_notify(struct domain *owner, int irq);

/** reclaim_balloon - the balloon of @owner shall have @pages. */
void reclaim_balloon(struct domain *owner, uint64_t pages);

/** reclaim_left_us - microseconds until then, or 0. */
uint64_t reclaim_left_us(const struct domain *owner);

#endif
