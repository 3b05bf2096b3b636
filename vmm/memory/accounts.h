/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts of a domain, and who may move what is guaranteed between
 * domains: requests CONTAINER_ACCOUNT* and CONTAINER_CONTROL*.
 *
 * The VMM decides nothing: who holds the control capability does, within what
 * is guaranteed in all and not in use.
 */
#ifndef VMM_MEMORY_ACCOUNTS_H
#define VMM_MEMORY_ACCOUNTS_H

#include "vmm/memory/window.h"

/** accounts_find - the account that @d names so, or NULL. */
struct account *accounts_find(struct memory_domain *d, uint64_t name);

/** accounts_have - @account is one of @d's. */
bool accounts_have(
	const struct memory_domain *d, const struct account *account);

/** accounts_sum - all accounts of @d together, RAM included. */
void accounts_sum(const struct memory_domain *d,
	struct account_amount *guaranteed, struct account_amount *used);

/** accounts_close - all of them, and the control capability is free; -EBUSY if
 * one is in use. */
NODISCARD int accounts_close(struct memory_domain *d);

/**
 * accounts_answer - carry out the request of @d's job.
 *
 * Returns 0; -EINVAL (unknown request, account or portal), -EACCES (without
 * control), -EBUSY, -EDQUOT, -ENFILE, -ENOENT.
 */
NODISCARD int accounts_answer(struct memory_domain *d);

#endif
