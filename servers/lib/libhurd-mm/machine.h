/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * space.c's beginning: not part of what the books need.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_MACHINE_H
#define SERVERS_LIB_LIBHURD_MM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * space_start - before anything else of space.h.
 * @gpa: windows for MM_FRAMES_MAX frames
 *
 * Returns false if no container is to be had.
 */
bool space_start(uint64_t gpa);

/** space_notice - extra frames are asked back by interrupt @irq. */
bool space_notice(unsigned irq);

/** space_frames_owed - how many the task has to give back now. */
uint64_t space_frames_owed(void);

#endif
