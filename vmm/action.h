/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an L4 guest kernel asks for: the actions of vmm/abi/control.h.
 */
#ifndef VMM_ACTION_H
#define VMM_ACTION_H

#include <stdint.h>

struct domain;
struct call;
struct timer;

/**
 * action_dispatch - carry out the action that the kernel wrote to the port.
 * @eax: ACTION_* and its flags
 *
 * Unknown actions and arguments out of range end the domain.
 */
void action_dispatch(struct domain *d, uint32_t eax);

/**
 * vmmcall_answer - answer a call to portal slot 0.
 * @c: a fresh record with the request in word[]; ended here, unless the
 *     domain ends
 */
void vmmcall_answer(struct domain *d, struct call *c);

/** vmmcall_continue - a piece of the request that is under way (vmm_call). */
void vmmcall_continue(struct domain *d);

/** vmmcall_retry - a domain's memory_timer: its request goes on. */
void vmmcall_retry(struct timer *t, uint64_t now);

#endif
