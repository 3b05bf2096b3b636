/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices: a domain's kernel is told what its windows do not show any more,
 * by a ring in its control page.
 *
 * Source: vmm/abi/control.h.
 */
#ifndef VMM_MEMORY_NOTICE_H
#define VMM_MEMORY_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "vmm/abi/control.h"

/* Faults in a row that a domain may take though it was told everything. */
#define NOTICE_FAULTS_MAX 256u

#define NOTICE_WRITE UINT64_C(2) /* it may still be read */
#define NOTICE_ALL UINT64_C(7)

struct domain;
struct memory_domain;

struct notices {
	struct control_page *page; /* guest memory; NULL: nobody reads it */
	uint32_t head;
	bool news;	 /* some were written since the last fault */
	unsigned faults; /* in a row without any */
};

/**
 * notice_put - @count frames from @gpa on have lost @rights (NOTICE_*).
 *
 * Called before they do.  If the kernel has left the ring full, it is told
 * that all windows have lost everything, and the result is false.
 */
bool notice_put(
	struct memory_domain *d, gpa_t gpa, uint64_t count, uint64_t rights);

/** notice_progress - the domain did something else than fault. */
void notice_progress(struct memory_domain *d);

/**
 * notice_announce - have @owner's kernel read its notices soon.
 *
 * Implemented by the VMM's domains.
 */
void notice_announce(struct domain *owner);

#endif
