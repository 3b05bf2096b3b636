/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the VMM answers behind portal slot 0 of every domain.
 *
 * Owner: vmm.  Users: servers and programs of an L4 domain, which reach it by
 * an ordinary Ipc (call) to REMOTE_ID_PORTAL(PORTAL_SLOT_VMM).
 *
 * Request: tag label = VMM_*, arguments in MR1...; reply: label 0, MR1 = 0 or
 * an error (VMM_E*), results from MR2 on.  Unknown requests get VMM_EINVAL.
 */
#ifndef VMM_ABI_VMMCALL_H
#define VMM_ABI_VMMCALL_H

#include <stdint.h>

#define VMMCALL_ABI_VERSION 2

/*
 * Thread item: the two words by which a thread id passes a portal.
 * Word 0: bits 1-3 = 111, bits 4-7 rights (PORTAL_*).  Word 1: the id.
 * An id of a local thread makes (once) a portal to that thread.
 */
#define THREAD_ITEM_TYPE UINT64_C(0xe)
#define THREAD_ITEM_TYPE_MASK UINT64_C(0xe)
#define THREAD_ITEM_RIGHTS_SHIFT 4
/* A string item: this bit is clear; behind it come so many addresses. */
#define STRING_ITEM_BIT UINT64_C(0x8)
#define STRING_ITEM_PIECES(word) ((unsigned)((word) >> 4 & 0x1f) + 1)

#define PORTAL_CALL 1u
#define PORTAL_SEND 2u
#define PORTAL_NOTIFY 4u
#define PORTAL_PASS 8u
#define PORTAL_RIGHTS 15u

/*
 * MR1 = served slot (from boot_info), then a thread item naming the local
 * thread that serves it from now on.  VMM_EINVAL: not a served slot.
 */
#define VMM_PORTAL_BIND 1u
/* MR1 = slot of a called portal: every copy derived from it fails from now. */
#define VMM_PORTAL_REVOKE 2u
/* MR1 = exit status, 0..255.  The domain stops; there is no reply. */
#define VMM_DOMAIN_EXIT 3u
/*
 * MR1 = interrupt number n, 0..47: interrupt n is raised at each release of
 * the domain's reservation from the next one on.  Reply: MR2 = TSC value of
 * the next release, MR3 = period in microseconds (the configured period even
 * if reservations are switched off).  VMM_EINVAL: no period is configured.
 */
#define VMM_PERIOD_NOTIFY 4u
/* Reply: MR2 = exits of this domain's vCPU, MR3 = host context switches of
 * the VMM's threads, MR4 = ns charged to this domain, MR5 = faults of its
 * second-level page table, 0 if the host's kernel does not tell. */
#define VMM_STAT 5u
/* MR1 = interrupt number: raised once after MR2 TSC ticks. */
#define VMM_NOTIFY_AFTER 6u
/* MR1 = length in bytes, then the bytes, packed, 8 a word (480 at most): a
 * line for the domain's console, without an exit a character. */
#define VMM_CONSOLE_WRITE 7u
/*
 * A figure for the run's report: MR1 = the figure, MR2.. = its name, packed,
 * 8 bytes a word, NUL padded.
 */
#define VMM_RECORD 8u
/*
 * MR1 = served slot, then a thread item naming a local thread, which gets the
 * requests to that portal that come while the threads before it are busy: with
 * a higher priority than theirs it serves them at once.  Reply: MR2 = the slot
 * at which they arrive.  VMM_EINVAL: not a served slot, or one of these;
 * VMM_ENOSLOT: the table is full, or there are PORTAL_RELIEFS_MAX.
 */
#define VMM_PORTAL_RELIEVE 9u
#define PORTAL_RELIEFS_MAX 7u /* of one portal */

#define VMM_OK 0u
#define VMM_EINVAL 1u
#define VMM_ENOSLOT 2u
#define VMM_EACCESS 3u

#endif
