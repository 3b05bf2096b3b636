/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for libxml2 that is never given back: the reader is one short
 * process, and a third of the schema's parse time went into malloc and free.
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_ARENA_H
#define VMM_CONFIG_ARENA_H

/**
 * arena_setup - make libxml2 allocate from one region; before anything else.
 *
 * An allocation beyond the region's end fails, so the files cannot make the
 * reader grow without bound.
 */
void arena_setup(void);

#endif
