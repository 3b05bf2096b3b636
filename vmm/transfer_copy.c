/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM is always there.  A container's window may have holes and frames that
 * are not to be written.
 */
#include <errno.h>
#include <string.h>

#include "vmm/abi/container.h"
#include "vmm/domain.h"
#include "vmm/memory/window.h"
#include "vmm/transfer.h"

/* Not devices, nor the control page. */
static bool is_memory(const struct transfer_memory *m)
{
	return m->gpa < m->domain->conf->ram_bytes ||
	       (m->gpa >= WINDOW_GPA && m->gpa - WINDOW_GPA < WINDOW_SIZE);
}

/* A hole, or a logical copy that is to be written. */
static int fault(const struct transfer_memory *m, bool write)
{
	if (!m->domain->memory)
		return -EFAULT;
	switch (window_fault(m->domain->memory, (gpa_t){m->gpa}, write)) {
	case FAULT_RESOLVED:
		return -EBUSY;
	case FAULT_TOLD:
		return -EAGAIN;
	default:
		return -EFAULT;
	}
}

int transfer_copy(const struct transfer_memory *target,
	const struct transfer_memory *source, uint64_t *size,
	bool *target_fault)
{
	const void *from;
	void *to;

	if (!is_memory(target) || !is_memory(source))
		return -EFAULT;
	from = guestmem_look(
		&source->domain->mem, (gpa_t){source->gpa}, size, false);
	to = guestmem_look(
		&target->domain->mem, (gpa_t){target->gpa}, size, true);
	*target_fault = from != NULL;
	if (!from || !to)
		return from ? fault(target, true) : fault(source, false);
	memcpy(to, from, *size);
	return 0;
}
