/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One screen of hyperhurd top, as lines of text.
 *
 * Owner: vmm/watch.
 */
#ifndef VMM_WATCH_SCREEN_H
#define VMM_WATCH_SCREEN_H

#include "vmm/watch/rate.h"

/* Takes a line; @title: a heading. */
typedef void screen_line(const char *text, bool title);

/**
 * screen_show - what has happened between two looks, line by line.
 * @before: as in rate_between()
 */
void screen_show(const struct client *before, const struct client *after,
	enum rate_order order, screen_line *line);

#endif
