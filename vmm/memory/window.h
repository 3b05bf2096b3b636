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

#include "vmm/memory/memslot.h"
#include "vmm/memory/notice.h"
#include "vmm/memory/reference.h"

#define WINDOWS_MAX 64	      /* of a domain */
#define WINDOWS_OVERLAP_MAX 8 /* of all domains, over any part of a container */

struct window {
	gpa_t gpa;
	uint64_t start; /* in the container */
	uint64_t count; /* 0: no window */
	unsigned ref;
	uint64_t serial; /* of the reference that it needs */
	struct container *container;
	bool writable; /* as far as its frames are */
	bool guarded;  /* some are not, though they may become so */
};

/* All domains that have containers. */
struct memory {
	struct content *content;
	struct frame_table table;
	struct account_pool pool;
	struct account_amount each; /* what a domain is guaranteed */
	TAILQ_HEAD(, memory_domain) domains;
};

struct memory_domain {
	TAILQ_ENTRY(memory_domain) link;
	struct memory *memory;
	struct guestmem *mem;
	struct domain *owner;
	struct notices notices;
	struct holder holder;
	struct window window[WINDOWS_MAX];
};

/**
 * window_open - show frames [@start, @start + @count), which are all there.
 *
 * Returns 0, -EINVAL (place), -EEXIST (a window is there), -ENFILE
 * (WINDOWS_MAX, WINDOWS_OVERLAP_MAX), -ENOSPC (host mappings), or -errno of mmap.
 */
NODISCARD int window_open(struct memory_domain *d, const struct window *window);

/** window_close - take out the window at @gpa; -ENOENT. */
NODISCARD int window_close(struct memory_domain *d, gpa_t gpa);

/** windows_close_all - take out all windows of a domain. */
void windows_close_all(struct memory_domain *d);

/** windows_refresh - frames [@start, @start + @count) of @c are others now. */
void windows_refresh(struct memory *m, const struct container *c,
	uint64_t start, uint64_t count);

/** windows_sweep - references went: so do the windows that needed them. */
void windows_sweep(struct memory *m);

/** windows_close_others - take @c out of all domains but @d. */
void windows_close_others(struct memory_domain *d, const struct container *c);

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

#endif
