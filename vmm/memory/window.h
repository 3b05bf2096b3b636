/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows: ranges of a container as a domain sees them, in its slot for them.
 *
 * A window shows what its container holds now: whoever changes a container
 * calls windows_refresh.  A logical copy is never writable in it.
 */
#ifndef VMM_MEMORY_WINDOW_H
#define VMM_MEMORY_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vmm/abi/container.h"
#include "vmm/memory/job.h"
#include "vmm/memory/memslot.h"
#include "vmm/memory/notice.h"
#include "vmm/memory/reclaim.h"
#include "vmm/memory/reference.h"

#define ACCOUNTS_MAX 16	      /* of a domain */
#define WINDOWS_MAX 64	      /* of a domain */
#define WINDOWS_OVERLAP_MAX 3 /* of all domains, over any part of a container */

struct window {
	gpa_t gpa;
	uint64_t start; /* in the container */
	uint64_t count; /* 0: no window */
	unsigned ref;
	uint64_t serial; /* of the reference that it needs */
	struct container *container;
	struct shared_container *shared; /* the same */
	bool writable;			 /* as far as its frames are */
	uint64_t dropped;		 /* frames at its end, which goes */
	bool closing;			 /* its notice is written */
	bool guarded;	    /* some are not, though they may become so */
	uint64_t guard_at;  /* index: the search for the one begins here */
	uint64_t unguarded; /* frames looked at since one was guarded */
};

/*
 * Page tables are memory too: for each 2 MiB in which a domain has a window, a
 * page of the host's table and one of the second-level table.
 */
#define TABLE_REGIONS (WINDOW_SIZE >> 21)
#define TABLE_FRAMES 2u

/* All domains that have containers. */
struct memory {
	struct content *content;
	uint64_t populated; /* bytes of it, by the helper thread */
	struct frame_table table;
	struct account_pool pool;
	TAILQ_HEAD(, memory_domain) domains;
	struct account absent;	  /* guarantees of domains that are not there */
	struct account returning; /* RAM of a domain that is restarted */
	struct memory_domain *control; /* who has control, or NULL */
	struct account_pool own_pool;  /* the VMM's own: */
	struct holder own;
	unsigned buffer; /* its reference to the policy buffer, 0: none */
	bool waits; /* the last piece of a job: for a request of a device */
};

struct memory_domain {
	TAILQ_ENTRY(memory_domain) link;
	struct memory *memory;
	struct guestmem *mem;
	struct domain *owner;
	struct notices notices;
	struct reclaim reclaim;
	uint64_t balloon; /* RAM that a balloon may take; 0: an L4 domain */
	uint64_t extra;	  /* what its configuration lets it use, at first */
	uint32_t share;	  /* for the policy server */
	uint32_t faults;  /* likewise, as it asked last */
	bool may_control; /* it may ask for control */
	struct holder holder;
	struct account split[ACCOUNTS_MAX - 1]; /* unused: no pool */
	struct window window[WINDOWS_MAX];
	uint16_t tables[TABLE_REGIONS]; /* windows in each */
	struct job job;
};

/* Frames that one piece of work changes in all windows together, ... */
#define PIECE_FRAMES 16u
#define UNMAP_FRAMES 64u /* takes out of one window, ... */
#define SHOW_FRAMES 256u /* shows where nothing was, in a part of 2 MiB. */

/**
 * window_open - enter a window, which shows nothing yet.
 *
 * Returns 0, -EINVAL (place), -EEXIST (a window is there), -ENFILE
 * (WINDOWS_MAX, WINDOWS_OVERLAP_MAX), -ENOSPC (host mappings), or -EDQUOT
 * (frames for page tables).
 */
NODISCARD int window_open(struct memory_domain *d, const struct window *window,
	struct window **opened);

/**
 * window_show - show frames from @number on, before @end, where nothing is yet:
 * one host mapping or one gap, all of a 2 MiB page or SHOW_FRAMES at most.
 *
 * Returns how many, or -errno of mmap.
 */
NODISCARD int window_show(struct memory_domain *d, struct window *w,
	uint64_t number, uint64_t end);

/** window_refresh - frames [@from, @to), which it has, are others now. */
void window_refresh(
	struct memory_domain *d, struct window *w, uint64_t from, uint64_t to);

/** window_guard - a frame of it cannot be written, though it may become so. */
void window_guard(struct window *w);

/** window_place - where it shows @number. */
static inline gpa_t window_place(const struct window *w, uint64_t number)
{
	return (gpa_t){w->gpa.addr + (number - w->start) * FRAME_SIZE};
}

/** window_at - the window at @gpa, or NULL. */
struct window *window_at(struct memory_domain *d, gpa_t gpa);

/** window_close - take out the whole window. */
void window_close(struct memory_domain *d, struct window *w);

/** window_shrink - a piece of taking it out, from its end; with the last one the
 * window is gone. */
void window_shrink(struct memory_domain *d, struct window *w);

/** windows_over - how many windows show any of [@start, @start + @count). */
unsigned windows_over(struct memory *m, const struct container *c,
	uint64_t start, uint64_t count);

/** windows_refresh - frames [@start, @start + @count) of @c are others now. */
void windows_refresh(struct memory *m, const struct container *c,
	uint64_t start, uint64_t count);

/**
 * windows_lend - show frames [@start, @start + @count) of @c as the memory from
 * @first on, read-only: in a few of the windows that do not do so yet.
 *
 * Returns true if all of them do.
 */
bool windows_lend(struct memory *m, const struct container *c, uint64_t start,
	uint32_t first, uint64_t count);

/**
 * windows_show - show frame @number of @c, which is new: in a few of the windows
 * that do not do so yet.
 *
 * Returns true if all of them do.
 */
bool windows_show(struct memory *m, const struct container *c, uint64_t number);

/**
 * windows_hide - show nothing at [@start, @start + @count) of @c: in a few of
 * the windows that do so yet.
 *
 * Returns true if none does any more.
 */
bool windows_hide(struct memory *m, const struct container *c, uint64_t start,
	uint64_t count);

/** windows_tell - notices to whoever sees frames [@start, @start + @count) of
 * @c, which will be dropped. */
void windows_tell(struct memory *m, const struct container *c, uint64_t start,
	uint64_t count);

/** window_any - some window of @d, or NULL. */
struct window *window_any(struct memory_domain *d);

/**
 * window_stale - a window of any domain on @c whose reference is gone, or if
 * @but is not NULL, any window on @c of another domain than @but.
 * @owner: OUT, whose it is
 *
 * Returns NULL if there is none.
 */
struct window *window_stale(struct memory *m, const struct container *c,
	const struct memory_domain *but, struct memory_domain **owner);

/**
 * windows_fault - the domain touched something that it cannot.
 *
 * A write to a logical copy is made possible, some frames at a time.  If there
 * is none, the domain gets a notice of everything that its windows do not show
 * or do not let it write, unless there are newer ones anyway.
 *
 * Returns FAULT_RESOLVED (try again), FAULT_TOLD (have its kernel read the
 * notices), or FAULT_LOOP (it knew, NOTICE_FAULTS_MAX times).
 */
enum window_fault {
	FAULT_RESOLVED,
	FAULT_TOLD,
	FAULT_LOOP,
};
enum window_fault windows_fault(struct memory_domain *d);

/**
 * window_fault - the same where it is known: a write to the logical copy at
 * @gpa is made possible, or the domain gets its notices.
 */
enum window_fault window_fault(struct memory_domain *d, gpa_t gpa, bool write);

#endif
