/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/operation.h"

#include "vmm/abi/container.h"
#include "vmm/memory/piece.h"

static const struct operation
	*const operations[CONTAINER_OP_LAST - CONTAINER_OP_FIRST + 1] = {
#define OPERATION(name, of) [CONTAINER_##name - CONTAINER_OP_FIRST] = &(of)
		OPERATION(CREATE_WITH, operation_create_with),
		OPERATION(CREATE_FROM, operation_create_from),
		OPERATION(DESTROY, operation_destroy),
		OPERATION(ALLOCATE, operation_allocate),
		OPERATION(DEALLOCATE, operation_deallocate),
		OPERATION(MAP, operation_map),
		OPERATION(UNMAP, operation_unmap),
		OPERATION(REVOKE, operation_revoke),
		OPERATION(COPY, operation_copy),
		OPERATION(COPY_GATHER, operation_gather),
		OPERATION(COPY_SCATTER, operation_scatter),
		OPERATION(LOCK, operation_lock),
		OPERATION(LOCK_PHYSICAL, operation_lock_physical),
#undef OPERATION
};

bool operation_keeps_frames(uint64_t label)
{
	return label == CONTAINER_MAP || label == CONTAINER_LOCK ||
	       label == CONTAINER_LOCK_PHYSICAL;
}

bool operation_is_known(uint64_t label)
{
	return label >= CONTAINER_OP_FIRST && label <= CONTAINER_OP_LAST &&
	       operations[label - CONTAINER_OP_FIRST];
}

int operation_start(struct memory_domain *d)
{
	return operations[d->job.label - CONTAINER_OP_FIRST]->start(d);
}

int operation_piece(struct memory_domain *d)
{
	return operations[d->job.label - CONTAINER_OP_FIRST]->piece(d);
}
