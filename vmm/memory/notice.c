/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/notice.h"

#include "vmm/memory/window.h"
#include "vmm/once.h"

bool notice_put(
	struct memory_domain *d, gpa_t gpa, uint64_t count, uint64_t rights)
{
	struct notices *n = &d->notices;
	bool room;

	if (!n->page)
		return true;
	n->news = true;
	/* Whatever stands there, the difference says what is written over. */
	room = n->head - once_u32(&n->page->notice_tail) < NOTICES;
	if (!room) {
		__atomic_store_n(&n->page->notice_lost, 1, __ATOMIC_RELEASE);
	} else {
		n->page->notice[n->head % NOTICES] =
			count << NOTICE_FRAMES_SHIFT | gpa.addr | rights;
		n->head++;
		__atomic_store_n(
			&n->page->notice_head, n->head, __ATOMIC_RELEASE);
	}
	notice_announce(d->owner);
	return room;
}

void notice_progress(struct memory_domain *d)
{
	d->notices.faults = 0;
}
