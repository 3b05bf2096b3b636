/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel interface page and the page of system call stubs. */
#ifndef GUESTKERNEL_KIP_H
#define GUESTKERNEL_KIP_H

#include <stdint.h>

#include "guestkernel/abi/kip.h"

#define KIP_KERNEL_ID UINT64_C(0x68010000) /* 'h', 1 */

/* The page, at its kernel address. */
extern struct kip *kip;

/** kip_stub_page - the stubs, at their kernel address. */
const void *kip_stub_page(void);

/**
 * kip_init - the kernel's part of the page, and the stubs' clock.
 * @page: as the VMM left it (vmm/abi/boot.h)
 */
void kip_init(struct kip *page);

#endif
