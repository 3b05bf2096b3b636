/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the VMM, through portal 0, as C functions.
 *
 * Each overwrites the message registers.  What fails returns the VMM's error
 * (VMM_E*, vmm/abi/vmmcall.h) or VMM_UNREACHABLE if the Ipc failed.
 */
#ifndef SERVERS_LIB_LIBHURD_VMM_H
#define SERVERS_LIB_LIBHURD_VMM_H

#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "vmm/abi/vmmcall.h"

#define VMM_UNREACHABLE UINT64_MAX

/** What VMM_STAT tells. */
struct vmm_stat {
	uint64_t exits;			/* of this domain's vCPU */
	uint64_t host_context_switches; /* of the VMM's threads */
	uint64_t charged_ns;		/* to this domain */
	uint64_t faults;		/* of its second-level page table */
};

/** vmm_exit - stop the domain. */
__attribute__((noreturn)) void vmm_exit(int status);

/**
 * vmm_portal_bind - serve the portal behind @slot.
 * @slot:   a slot of role BOOT_PORTAL_SERVER
 * @thread: the local thread that will get its requests
 */
uint64_t vmm_portal_bind(uint32_t slot, thread_id_t thread);

/**
 * vmm_portal_relieve - serve it, too, while those before are busy.
 * @slot:   a slot of role BOOT_PORTAL_SERVER
 * @thread: the local thread that will get requests that come meanwhile
 */
uint64_t vmm_portal_relieve(uint32_t slot, thread_id_t thread);

/** vmm_portal_revoke - every copy derived from @slot fails from now on. */
uint64_t vmm_portal_revoke(uint32_t slot);

/**
 * vmm_period_notify - raise interrupt @irq at each release.
 * @next_tsc:  OUT, the next release
 * @period_us: OUT
 */
uint64_t vmm_period_notify(
	uint32_t irq, uint64_t *next_tsc, uint64_t *period_us);

/** vmm_notify_after - raise interrupt @irq once, @ticks TSC ticks from now. */
uint64_t vmm_notify_after(uint32_t irq, uint64_t ticks);

uint64_t vmm_stat(struct vmm_stat *stat);

/** vmm_record - put a figure into the run's report; @name: 64 bytes at most. */
uint64_t vmm_record(const char *name, uint64_t figure);

/**
 * vmm_console_write - write to the domain's console.
 * @len: at most VMM_CONSOLE_MAX bytes
 */
uint64_t vmm_console_write(const char *text, size_t len);

#define VMM_CONSOLE_MAX 480
#define VMM_NAME_MAX 64

#endif
