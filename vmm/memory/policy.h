/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy buffer: one frame that the VMM writes and who has control reads.
 *
 * It is there from the first question for it until control changes hands.
 *
 * Source: vmm/abi/policy.h.
 */
#ifndef VMM_MEMORY_POLICY_H
#define VMM_MEMORY_POLICY_H

#include "vmm/memory/window.h"

/** policy_open - a reference for @d, to read the buffer.
 * @ref: OUT.  Returns 0, -ENFILE or -ENOMEM. */
NODISCARD int policy_open(struct memory_domain *d, unsigned *ref);

/** policy_close - nobody has control any more, or somebody else. */
void policy_close(struct memory *m);

/** policy_publish - some account has changed. */
void policy_publish(struct memory *m);

/** policy_faults - faults of the second-level page table of @owner, 0: unknown.
 * Implemented by the VMM's domains. */
uint64_t policy_faults(struct domain *owner);

/** policy_forget - the domain of that index is gone. */
void policy_forget(struct memory *m, unsigned index);

#endif
