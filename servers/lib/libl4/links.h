/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the system-call links stand in the block that l4_init copies out of
 * the KIP: byte offsets for the assembler, tied to struct kip.
 */
#ifndef SERVERS_LIB_LIBL4_LINKS_H
#define SERVERS_LIB_LIBL4_LINKS_H

#define LINK_SPACE_CONTROL 0
#define LINK_THREAD_CONTROL 8
#define LINK_IPC 32
#define LINK_UNMAP 48
#define LINK_EXCHANGE_REGISTERS 56
#define LINK_SYSTEM_CLOCK 64
#define LINK_THREAD_SWITCH 72
#define LINK_SCHEDULE 80
#define LINKS_NR 11

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/kip.h"

#define LINK_OFFSET(field) \
	(offsetof(struct kip, field) - offsetof(struct kip, space_control))

_Static_assert(LINK_OFFSET(thread_control) == LINK_THREAD_CONTROL, "");
_Static_assert(LINK_OFFSET(ipc) == LINK_IPC, "");
_Static_assert(LINK_OFFSET(unmap) == LINK_UNMAP, "");
_Static_assert(LINK_OFFSET(exchange_registers) == LINK_EXCHANGE_REGISTERS, "");
_Static_assert(LINK_OFFSET(system_clock) == LINK_SYSTEM_CLOCK, "");
_Static_assert(LINK_OFFSET(thread_switch) == LINK_THREAD_SWITCH, "");
_Static_assert(LINK_OFFSET(schedule) == LINK_SCHEDULE, "");
_Static_assert(LINK_OFFSET(schedule) / 8 == LINKS_NR - 1, "");

extern uint64_t l4_links[LINKS_NR];
#endif

#endif
