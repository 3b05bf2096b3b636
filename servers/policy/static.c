/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Static shares: what the configuration says, whoever needs what.
 */
#include "servers/policy/policy.h"

static void decide(
	const struct policy_buffer *now, uint32_t limit[POLICY_DOMAINS])
{
	uint64_t supply = policy_supply(now), shares = 0;

	for (unsigned i = 0; i < POLICY_DOMAINS; i++)
		if (now->domain[i].flags & POLICY_LIVE)
			shares += now->domain[i].share;
	for (unsigned i = 0; shares && i < POLICY_DOMAINS; i++)
		limit[i] = policy_least(now->domain[i].most,
			(uint32_t)(supply * now->domain[i].share / shares));
}

const struct policy policy_static = {"static", decide};
