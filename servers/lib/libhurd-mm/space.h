/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the books need of the machine: frames, and pages that show them.
 *
 * space.c does it with the domain's windows and sigma0; the host's tests have
 * their own.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_SPACE_H
#define SERVERS_LIB_LIBHURD_MM_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * space_frames_get - have frames [@first, @first + @nr), zeroed.
 * @extra: as extra frames, else as guaranteed ones
 */
bool space_frames_get(uint32_t first, uint32_t nr, bool extra);

/** space_frames_put - give MM_CHUNK frames back; nothing shows them. */
bool space_frames_put(uint32_t first);

/** space_frame - @frame, as the pager thread sees it. */
void *space_frame(uint32_t frame);

/** space_map - show @frame at @page of the area. */
bool space_map(uint32_t page, uint32_t frame, uint64_t rights);

/** space_map_window - show guest-physical memory at @page of the area. */
bool space_map_window(uint32_t page, uint64_t gpa, uint64_t rights);

/**
 * space_revoke - take rights of a page away; with FPAGE_R the page is gone.
 *
 * Returns FPAGE_REFERENCED, FPAGE_WRITTEN: since the last question.
 */
uint64_t space_revoke(uint32_t page, uint64_t rights);

#endif
