/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a root task has: thread numbers to give out, the boot information.
 */
#ifndef SERVERS_LIB_LIBHURD_ROOT_H
#define SERVERS_LIB_LIBHURD_ROOT_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "vmm/abi/boot.h"

/**
 * root_thread_reserve - a thread number and UTCB that nobody uses.
 * @utcb_location: OUT, lowest address of the UTCB in the root task's area
 *
 * Makes no thread.  Returns the id to make it with, or nil if none is left.
 */
thread_id_t root_thread_reserve(uint64_t *utcb_location);

/**
 * root_boot_info - the boot information, mapped by sigma0.
 *
 * Overwrites the message registers.  Returns NULL if sigma0 refuses or the
 * structure is not one that the VMM writes.
 */
const struct boot_info *root_boot_info(void);

#endif
