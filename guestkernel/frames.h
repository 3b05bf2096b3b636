/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical memory as sigma0 owns it: RAM without the kernel's part, the
 * device window, and the windows of containers.  Each frame has the head of its list in the mapping
 * database; a 2 MiB page has one of its own.
 */
#ifndef GUESTKERNEL_FRAMES_H
#define GUESTKERNEL_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

struct boot_info;
struct mapping;

/** frames_init - RAM, windows and the kernel's pool as @boot has them. */
void frames_init(const struct boot_info *boot);

/**
 * frames_are_user - [@phys, @phys + @size) is memory or devices, and none of
 * it the kernel's.
 */
bool frames_are_user(uint64_t phys, uint64_t size);

/** frames_head - list of pages of size 2^@log2 at @phys (user frames only). */
struct mapping **frames_head(uint64_t phys, unsigned log2);

/**
 * frames_next - @phys if there is memory or a device; else where the next
 * begins, or frames_end.
 */
uint64_t frames_next(uint64_t phys);

/** frames_end - where guest-physical memory ends. */
uint64_t frames_end(void);

#endif
