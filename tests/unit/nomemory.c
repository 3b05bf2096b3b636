/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of calls whose domains have no containers. */
#include <stdlib.h>

#include "vmm/memory/service.h"

void memory_request(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, const uint64_t *word)
{
	(void)d;
	(void)peer;
	(void)label;
	(void)word;
	abort();
}

enum memory_piece memory_step(struct memory_domain *d)
{
	(void)d;
	abort();
}

uint64_t memory_reply(struct memory_domain *d, uint64_t *word, unsigned *nr)
{
	(void)d;
	(void)word;
	(void)nr;
	abort();
}
