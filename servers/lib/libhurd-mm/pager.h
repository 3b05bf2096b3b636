/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pager thread: faults of the task's threads, and requests.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_PAGER_H
#define SERVERS_LIB_LIBHURD_MM_PAGER_H

#include "guestkernel/abi/threadid.h"
#include "servers/lib/libhurd-mm/mm.h"

/* A struct request from MR1 on.  Reply: MR1 = enum mm_error, then the struct. */
#define PAGER_REQUEST 1u

/** pager_start - start it.  @id: OUT.  MM_ENOMEM. */
enum mm_error pager_start(const struct mm_setup *setup, thread_id_t *id);

#endif
