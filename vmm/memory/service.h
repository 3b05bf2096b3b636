/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers for domains: what vmm/abi/container.h asks for.
 *
 * The system's lock is held.
 */
#ifndef VMM_MEMORY_SERVICE_H
#define VMM_MEMORY_SERVICE_H

#include "vmm/memory/window.h"

/* What each domain is guaranteed; mappings less if there are many domains. */
#define DOMAIN_FRAMES 4096u
#define DOMAIN_RUNS 4096u
#define RUNS_MAX 60000u /* the host's kernel allows a process 65 530 */

/**
 * memory_init - containers for @domains domains, with frames out of @pool.
 *
 * Returns 0 or a negative errno of content_create, -ENOMEM.
 */
NODISCARD int memory_init(
	struct memory *m, struct frame_pool *pool, unsigned domains);

/** memory_fini - all domains have left. */
void memory_fini(struct memory *m);

/**
 * memory_join - a domain that can have containers.
 * @owner: gets notices
 * @mem:   of the domain; gets the slot for windows
 * @page:  of the domain
 *
 * Returns NULL, with *@err set, if the slot cannot be made or the guarantee
 * not be given.
 */
struct memory_domain *memory_join(struct memory *m, struct domain *owner,
	struct guestmem *mem, struct control_page *page, int *err);

/** memory_leave - the domain's windows, references and containers go. */
void memory_leave(struct memory_domain *d);

/**
 * memory_answer - carry out one request.
 * @peer:     the domain behind the portal that the request names, or NULL
 * @label:    CONTAINER_*
 * @word:     IN the message from MR0 on, zero behind its end; OUT results from
 *            MR2 on
 * @nr_words: OUT, length of the reply, MR0 included
 *
 * Returns 0 or VMM_E*.
 */
uint64_t memory_answer(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, uint64_t *word, unsigned *nr_words);

#endif
