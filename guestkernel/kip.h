/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel interface page and the page of system call stubs. */
#ifndef GUESTKERNEL_KIP_H
#define GUESTKERNEL_KIP_H

#include <stdint.h>

#include "guestkernel/abi/kip.h"

#define KIP_KERNEL_ID UINT64_C(0x68010000) /* 'h', 1 */

/** kip_page - the page, at its kernel address. */
struct kip *kip_page(void);

/** kip_stub_page - the stubs, at their kernel address. */
const void *kip_stub_page(void);

/** kip_init - the constant part, the system call links, the clock. */
void kip_init(void);

/**
 * kip_add_memory - append a memory descriptor.
 * @type:  KIP_MEMORY_* type, subtype and KIP_MEMORY_VIRTUAL
 * @start: first byte
 * @end:   behind the last byte
 *
 * Panics if the page is full.
 */
void kip_add_memory(uint64_t type, uint64_t start, uint64_t end);

#endif
