/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts of a domain, and how it hears that it has to give frames back:
 * requests CONTAINER_ACCOUNT*, CONTAINER_NOTICE and CONTAINER_RANK.
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

/** accounts_reply - the results that tell of an account. */
void accounts_reply(struct job *job, const struct account_amount *guaranteed,
	const struct account_amount *used);

/** accounts_close - what they are guaranteed is kept for the domain's next life;
 * -EBUSY if one is in use. */
NODISCARD int accounts_close(struct memory_domain *d);

/**
 * accounts_answer - carry out the request of @d's job, or control_answer.
 *
 * Returns 0; -EINVAL (unknown request, account, interrupt or rank), -EBUSY,
 * -EDQUOT, -ENFILE, errors of reference_use.
 */
NODISCARD int accounts_answer(struct memory_domain *d);

#endif
