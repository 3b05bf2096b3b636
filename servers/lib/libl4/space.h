/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking mappings back: Unmap and Flush.
 *
 * Source: L4 X.2 Reference Manual, "Unmap".
 */
#ifndef SERVERS_LIB_LIBL4_SPACE_H
#define SERVERS_LIB_LIBL4_SPACE_H

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libl4/syscall.h"
#include "servers/lib/libl4/utcb.h"

/** L4_Unmap - fpages in MR0 .. MRk; @control: k, UNMAP_FLUSH. */
static inline void L4_Unmap(L4_Word_t control)
{
	l4_sys_unmap(control);
}

/**
 * L4_UnmapFpage - revoke the rights in @fpage from all who got them from here.
 *
 * Returns @fpage with what happened in the place of the rights: any of
 * FPAGE_REFERENCED, FPAGE_WRITTEN, FPAGE_EXECUTED, since the last query.
 */
static inline fpage_t L4_UnmapFpage(fpage_t fpage)
{
	L4_LoadMR(0, fpage.raw);
	l4_sys_unmap(0);
	return (fpage_t){l4_utcb()->mr[0]};
}

/** L4_FlushFpage - as L4_UnmapFpage, and from the caller too. */
static inline fpage_t L4_FlushFpage(fpage_t fpage)
{
	L4_LoadMR(0, fpage.raw);
	l4_sys_unmap(UNMAP_FLUSH);
	return (fpage_t){l4_utcb()->mr[0]};
}

/** L4_GetStatus - what happened in @fpage; takes nothing away. */
static inline fpage_t L4_GetStatus(fpage_t fpage)
{
	return L4_UnmapFpage(fpage_with_rights(fpage, 0));
}

#endif
