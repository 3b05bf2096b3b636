/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The startup page: what a task knows when it starts.
 *
 * Owner: wortel, which writes it.  Users: every task it starts.
 * Freestanding C11 only.
 *
 * It is mapped read-only at STARTUP_ADDRESS, one page below the program.
 */
#ifndef SERVERS_ABI_STARTUP_H
#define SERVERS_ABI_STARTUP_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/abi/boot.h"

#define STARTUP_ABI_VERSION 1
#define STARTUP_MAGIC UINT64_C(0x0070757472617473) /* "startup" */

#define STARTUP_ADDRESS UINT64_C(0x3ff000)
#define STARTUP_SIZE 4096
#define PROGRAM_ADDRESS UINT64_C(0x400000) /* where tasks are linked */
#define STARTUP_TASKS_MAX 14

struct startup_task {
	char name[BOOT_NAME_MAX]; /* of the module */
	uint64_t thread;	  /* global id of its first thread */
};

_Static_assert(sizeof(struct startup_task) == 40, "startup ABI 1");

struct startup {
	uint64_t magic;
	uint32_t version; /* STARTUP_ABI_VERSION */
	uint32_t size;	  /* of this structure, bytes */
	uint64_t self;	  /* global id of the task's first thread */
	uint64_t wortel;  /* pager, exception handler, services: wortel.h */
	uint64_t sigma0;
	uint64_t utcb_area; /* address; the first thread has the first UTCB */
	uint64_t tsc_khz;
	uint32_t domain_index;
	uint32_t nr_tasks;
	uint32_t nr_portals;
	uint32_t nr_devices;
	char name[BOOT_NAME_MAX];   /* the task's */
	char domain[BOOT_NAME_MAX]; /* the domain's */
	char args[BOOT_ARGS_MAX];
	struct startup_task task[STARTUP_TASKS_MAX];
	struct boot_portal portal[BOOT_PORTALS_MAX];
	struct boot_device device[BOOT_DEVICES_MAX];
};

_Static_assert(offsetof(struct startup, self) == 16, "startup ABI 1");
_Static_assert(offsetof(struct startup, wortel) == 24, "");
_Static_assert(offsetof(struct startup, sigma0) == 32, "");
_Static_assert(offsetof(struct startup, utcb_area) == 40, "");
_Static_assert(offsetof(struct startup, tsc_khz) == 48, "");
_Static_assert(offsetof(struct startup, domain_index) == 56, "");
_Static_assert(offsetof(struct startup, nr_devices) == 68, "");
_Static_assert(offsetof(struct startup, name) == 72, "");
_Static_assert(offsetof(struct startup, domain) == 104, "");
_Static_assert(offsetof(struct startup, args) == 136, "");
_Static_assert(offsetof(struct startup, task) == 264, "");
_Static_assert(offsetof(struct startup, portal) == 264 + 14 * 40, "");
_Static_assert(offsetof(struct startup, device) == 824 + 32 * 40, "");
_Static_assert(sizeof(struct startup) == 2104 + 8 * 16, "startup ABI 1");
_Static_assert(sizeof(struct startup) <= STARTUP_SIZE, "one page");

#endif
