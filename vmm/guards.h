/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host does that no priority helps against: its guards against threads
 * that never sleep, and its watching of memory.
 *
 * A fair server or a module that cannot be seen is taken for none.
 */
#ifndef VMM_GUARDS_H
#define VMM_GUARDS_H

#include <stdbool.h>

/**
 * guards_limit_real_time - may real-time threads have less than all of a CPU?
 * @root: "", or a folder to be taken for the host's root
 */
bool guards_limit_real_time(const char *root);

/**
 * guards_serve_others - does a CPU's fair server (Linux 6.12) run ordinary
 * threads before real-time ones?
 * @root: as above
 */
bool guards_serve_others(const char *root, unsigned cpu);

/**
 * guards_watch_memory - does a DAMON module watch who touches memory?
 * @root: as above
 *
 * Its thread has an ordinary priority and looks through all mappings of a frame
 * with a lock that is taken where one of them changes: 0.4 ms.
 */
bool guards_watch_memory(const char *root);

#endif
