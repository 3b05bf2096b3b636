/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking sigma0 for memory.
 *
 * Source: L4 X.2 Reference Manual, "Sigma0 RPC protocol".
 */
#ifndef SERVERS_LIB_LIBL4_SIGMA0_H
#define SERVERS_LIB_LIBL4_SIGMA0_H

#include "guestkernel/abi/fpage.h"
#include "servers/lib/libl4/utcb.h"

/**
 * L4_Sigma0_GetPage - have a region of physical memory mapped at its address.
 * @fpage: the region; rights do not matter
 *
 * Returns the region as it was mapped, or FPAGE_NIL if sigma0 refused or the
 * Ipc failed.  Overwrites BR0.
 */
fpage_t L4_Sigma0_GetPage(L4_ThreadId_t sigma0, fpage_t fpage);

/**
 * L4_Sigma0_GetPage_RcvWindow - as above, but mapped in @window.
 * @window: an fpage of the caller's space, rights set
 */
fpage_t L4_Sigma0_GetPage_RcvWindow(
	L4_ThreadId_t sigma0, fpage_t fpage, fpage_t window);

/** L4_Sigma0_GetAny - as above, any free region of 2^@log2 bytes. */
fpage_t L4_Sigma0_GetAny(L4_ThreadId_t sigma0, unsigned log2);

#endif
