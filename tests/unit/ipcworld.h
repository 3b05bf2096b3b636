/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains without VMs: the VMM's IPC code over control pages in plain memory.
 *
 * A test plays the guest kernels: it writes the control page, calls act(), and
 * reads what enter() delivers.
 */
#ifndef TESTS_UNIT_IPCWORLD_H
#define TESTS_UNIT_IPCWORLD_H

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/system.h"

#define WORLD_DOMAINS 4
#define WORLD_MEMORY UINT64_C(262144) /* bytes of a domain */
#define WORLD_HOLE UINT64_C(0x10000000)

struct world {
	struct system system; /* first */
	char memory[WORLD_DOMAINS][WORLD_MEMORY] __attribute__((aligned(4096)));
	uint64_t copied; /* bytes of strings, ... */
	uint64_t copies; /* in so many pieces */
	struct executor ex;
	struct launch_domain conf;
	struct measurement measurement;
	struct domain *domain[WORLD_DOMAINS];
	struct kvm_run run[WORLD_DOMAINS];
};

/** world_make - a fresh world; all its domains live. */
void world_make(struct world *w);

/** world_end - free it. */
void world_end(struct world *w);

/** world_portal - a portal into @server for @client; @slot: at the client. */
struct portal *world_portal(struct domain *server, struct domain *client,
	unsigned rights, uint32_t *slot);

/** act - @d's kernel requests an action, its arguments stand in the page. */
void act(struct domain *d, uint32_t action);

/** enter - deliver; returns the event's type and marks it as read. */
uint32_t enter(struct domain *d);

/** call - a call with one word, never timing out. */
void call(struct domain *d, uint32_t slot, uint32_t caller_slot, uint64_t word);

/** reply - answer @to with one word; returns action.result. */
uint32_t reply(struct domain *d, uint64_t to, uint64_t word);

/** accept_all - a thread is ready at the portal from now on. */
void accept_all(struct domain *server, const struct portal *p);

/** world_check - every list is what it should be; false: say what is not. */
bool world_check(struct world *w);

#endif
