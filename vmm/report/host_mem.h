/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host's kernel takes to give memory: to a VM by memslots, to a
 * process by mmap.
 */
#ifndef VMM_REPORT_HOST_MEM_H
#define VMM_REPORT_HOST_MEM_H

#include <stdint.h>

enum host_mem_figure {
	HOST_MEMSLOT_ADD,
	HOST_MEMSLOT_DELETE, /* nothing of it was touched by a guest */
	HOST_MMAP,
	HOST_TOUCH, /* page faults of all its pages */
	HOST_MUNMAP,
	NR_HOST_MEM,
};

/** host_mem_name - such as "memslot-add". */
const char *host_mem_name(enum host_mem_figure figure);

/**
 * host_mem_measure - medians for @frames frames, in ticks of the TSC.
 *
 * Returns 0, or -errno of KVM or mmap.
 */
__attribute__((warn_unused_result)) int host_mem_measure(
	uint64_t frames, uint64_t ticks[NR_HOST_MEM]);

#endif
