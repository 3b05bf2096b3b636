/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy buffer: what the policy server knows of all domains' memory.
 *
 * Owner: vmm, which alone writes it, after each change.  Reader: who has the
 * control capability (container.h, CONTAINER_CONTROL_BUFFER); limits are set by
 * request, so that the VMM can refuse.  Each field is written at once; two of
 * them may be of different moments.
 *
 * Source: Hurd on L4, "Virtual Memory Management", An External Memory Policy
 * Server.
 */
#ifndef VMM_ABI_POLICY_H
#define VMM_ABI_POLICY_H

#include <stddef.h>
#include <stdint.h>

#define POLICY_ABI_VERSION 2
#define POLICY_DOMAINS 64

#define POLICY_LIVE 1u	  /* policy_domain.flags: there is such a domain */
#define POLICY_BALLOON 2u /* gives back by its balloon, asks for nothing */

/* Frames; RAM that is guaranteed does not count. */
struct policy_domain {
	uint32_t flags; /* POLICY_* */
	uint32_t share; /* of the configuration */
	uint32_t guaranteed;
	uint32_t used;
	uint32_t lent;	  /* used beyond the guarantee */
	uint32_t limit;	  /* how many that may be */
	uint32_t owed;	  /* to be given back */
	uint32_t refused; /* requests for extra frames, modulo 2^32 */
	uint32_t wanted;  /* by the last of those */
	uint32_t forced;  /* taken by force, modulo 2^32 */
	uint32_t most;	  /* more extra frames than these are of no use */
	uint32_t faults;  /* of its second-level page table, modulo 2^32, when
			   * CONTAINER_CONTROL_READ asked last; 0: unknown */
};

_Static_assert(sizeof(struct policy_domain) == 48, "policy ABI 2");
_Static_assert(offsetof(struct policy_domain, share) == 4, "");
_Static_assert(offsetof(struct policy_domain, guaranteed) == 8, "");
_Static_assert(offsetof(struct policy_domain, used) == 12, "");
_Static_assert(offsetof(struct policy_domain, lent) == 16, "");
_Static_assert(offsetof(struct policy_domain, limit) == 20, "");
_Static_assert(offsetof(struct policy_domain, owed) == 24, "");
_Static_assert(offsetof(struct policy_domain, refused) == 28, "");
_Static_assert(offsetof(struct policy_domain, wanted) == 32, "");
_Static_assert(offsetof(struct policy_domain, forced) == 36, "");
_Static_assert(offsetof(struct policy_domain, most) == 40, "");
_Static_assert(offsetof(struct policy_domain, faults) == 44, "");

struct policy_buffer {
	uint32_t version;    /* POLICY_ABI_VERSION */
	uint32_t total;	     /* frames of the pool */
	uint32_t guaranteed; /* of those, promised */
	uint32_t reserved_0;
	struct policy_domain domain[POLICY_DOMAINS]; /* by index */
};

_Static_assert(sizeof(struct policy_buffer) == 3088, "policy ABI 2");
_Static_assert(offsetof(struct policy_buffer, total) == 4, "");
_Static_assert(offsetof(struct policy_buffer, guaranteed) == 8, "");
_Static_assert(offsetof(struct policy_buffer, domain) == 16, "");

#endif
