/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers for domains: what vmm/abi/container.h asks for.
 *
 * The system's lock is held.
 */
#ifndef VMM_MEMORY_SERVICE_H
#define VMM_MEMORY_SERVICE_H

#include "vmm/memory/window.h"

/* What a domain has, in frames. */
struct memory_share {
	uint64_t ram;	     /* always in use */
	uint64_t balloon;    /* RAM beyond that, which a balloon may take */
	uint64_t guaranteed; /* for containers */
	uint64_t extra;	     /* at most, beyond that */
	uint64_t runs;
	uint32_t share;	  /* for the policy server */
	bool may_control; /* it may ask for control */
};

/**
 * memory_init - containers for domains that have @all together, with frames out
 * of @pool.
 *
 * Returns 0 or a negative errno of content_create, -ENOMEM.
 */
NODISCARD int memory_init(struct memory *m, struct frame_pool *pool,
	const struct memory_share *all);

/** memory_fini - all domains have left. */
void memory_fini(struct memory *m);

/**
 * memory_join - a domain that can have containers.
 * @owner: gets notices
 * @index: the domain's, for those who get references from it
 * @mem:   of the domain; with the slot for windows
 * @page:  of the domain, or NULL: it is a Linux domain
 * @share: what it is guaranteed
 *
 * Returns NULL, with *@err set: -ENOMEM, also if others use frames that it needs
 * for its RAM.
 */
struct memory_domain *memory_join(struct memory *m, struct domain *owner,
	unsigned index, struct guestmem *mem, struct control_page *page,
	const struct memory_share *share, int *err);

/* What a piece of work was. */
enum memory_piece {
	MEMORY_DONE,  /* the last one */
	MEMORY_MORE,  /* there are more */
	MEMORY_WAITS, /* likewise, when I/O workers had a CPU */
};

/**
 * memory_leave - a piece of taking the domain's windows, references and
 * containers away; with the last one it is freed.
 *
 * Its vCPU does not run any more.
 */
NODISCARD enum memory_piece memory_leave(struct memory_domain *d);

/**
 * memory_request - @d asks for something.
 * @peer:  the domain behind the portal that the request names, or NULL
 * @label: CONTAINER_*
 * @word:  the message from MR0 on, MESSAGE_WORDS long, zero behind its end
 *
 * memory_step is next, until it is done, and then memory_reply; in between the
 * domain asks for nothing else.
 */
void memory_request(struct memory_domain *d, struct memory_domain *peer,
	uint64_t label, const uint64_t *word);

/** memory_step - a piece of what @d asked for. */
NODISCARD enum memory_piece memory_step(struct memory_domain *d);

/**
 * memory_reply - the answer.
 * @word: OUT, results from MR2 on
 * @nr:   OUT, length of the reply, MR0 included
 *
 * Returns 0 or VMM_E*.
 */
uint64_t memory_reply(struct memory_domain *d, uint64_t *word, unsigned *nr);

#endif
