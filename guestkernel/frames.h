/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical memory as sigma0 owns it: RAM without the kernel's part, the
 * device window, and the windows of containers (boot_memory.region).  Each
 * frame has the head of its list in the mapping database; in that of a 2 MiB
 * page's first frame are the mappings of the page, too.
 */
#ifndef GUESTKERNEL_FRAMES_H
#define GUESTKERNEL_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"

struct mapping;

#define FRAMES_END BOOT_MEMORY_END

/**
 * frames_head - the list of the frame at @phys.
 *
 * NULL if [@phys, @phys + @size) is not memory or devices, or the kernel's.
 */
struct mapping **frames_head(uint64_t phys, uint64_t size);

/**
 * frames_next - @phys if there is memory or a device; else where the next
 * begins, or FRAMES_END.
 */
uint64_t frames_next(uint64_t phys) __attribute__((noinline));

#endif
