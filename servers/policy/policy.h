/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy: how many extra frames each domain may use.
 */
#ifndef SERVERS_POLICY_POLICY_H
#define SERVERS_POLICY_POLICY_H

#include "vmm/abi/policy.h"

struct policy {
	const char *name;
	/**
	 * decide - called once a period, from the first look on.
	 * @now:   what the policy buffer says
	 * @limit: IN as they are, OUT as they shall be, by domain; of those that
	 *         there are not, nothing counts
	 */
	void (*decide)(const struct policy_buffer *now,
		uint32_t limit[POLICY_DOMAINS]);
};

/* Each domain has the part that its share of all shares says. */
extern const struct policy policy_static;

/* Domains buy frames by time, out of an income that their share says. */
extern const struct policy policy_market;

/** policy_supply - frames that nobody is guaranteed. */
static inline uint32_t policy_supply(const struct policy_buffer *now)
{
	return now->total > now->guaranteed ? now->total - now->guaranteed : 0;
}

static inline uint32_t policy_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

#endif
