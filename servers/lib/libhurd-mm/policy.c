/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/policy.h"

/*
 * Second chance: the oldest page that was not touched since it was last
 * looked at.
 */
static struct mm_frame *clock_victim(struct mm_group *group)
{
	/* Twice around clears each reference and comes back to it. */
	for (uint32_t i = 0; i < 2 * group->nr; i++) {
		struct mm_frame *frame = TAILQ_FIRST(&group->frames);

		if (!frame->locked && !mm_frame_referenced(frame))
			return frame;
		mm_frame_to_tail(frame);
	}
	return NULL;
}

/* Most recently used: of a scan, what has just been passed. */
static struct mm_frame *mru_victim(struct mm_group *group)
{
	struct mm_frame *frame;

	TAILQ_FOREACH_REVERSE(frame, &group->frames, mm_frames, link)
	if (!frame->locked)
		return frame;
	return NULL;
}

/* History: one bit for each time that all pages are looked at, newest first. */
static void lru_age(struct mm_group *group)
{
	struct mm_frame *frame;

	TAILQ_FOREACH(frame, &group->frames, link)
	{
		unsigned touched = mm_frame_referenced(frame);

		frame->history = (uint8_t)(frame->history >> 1 | touched << 7);
	}
}

/*
 * Least recently used, by ageing: the processor keeps no order, so all pages
 * are looked at once for each quarter of them that goes.
 */
static struct mm_frame *lru_victim(struct mm_group *group)
{
	struct mm_frame *frame, *oldest = NULL;

	if (group->turns++ % (group->nr / 4 + 1) == 0)
		lru_age(group);
	TAILQ_FOREACH(frame, &group->frames, link)
	{
		if (!frame->locked &&
			(!oldest || frame->history < oldest->history))
			oldest = frame;
	}
	return oldest;
}

const struct mm_policy mm_clock = {"clock", clock_victim};
const struct mm_policy mm_mru = {"mru", mru_victim};
const struct mm_policy mm_lru = {"lru", lru_victim};
