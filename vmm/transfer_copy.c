/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM is always there.  A container's window may have holes and frames that
 * are not to be written, so there the host's kernel copies, which survives it.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vmm/abi/container.h"
#include "vmm/domain.h"
#include "vmm/memory/window.h"
#include "vmm/transfer.h"

static bool is_ram(const struct domain *d, uint64_t gpa, uint64_t size)
{
	return gpa < d->conf->ram_bytes && size <= d->conf->ram_bytes - gpa;
}

static bool is_window(uint64_t gpa, uint64_t size)
{
	return gpa >= WINDOW_GPA && gpa - WINDOW_GPA < WINDOW_SIZE &&
	       size <= WINDOW_SIZE - (gpa - WINDOW_GPA);
}

/* NULL where strings have no business: devices, the control page. */
static void *place(const struct domain *d, uint64_t gpa, uint64_t size)
{
	if (!is_ram(d, gpa, size) && !is_window(gpa, size))
		return NULL;
	return guestmem_hva(&d->mem, (gpa_t){gpa}, size);
}

static bool is_readable(char *at)
{
	char byte;
	struct iovec source = {at, 1};
	struct iovec target = {&byte, 1};

	return process_vm_readv(getpid(), &target, 1, &source, 1, 0) == 1;
}

/* It stops at the first byte that cannot be read or written. */
static int copy_by_host(const struct transfer_memory *target, void *to,
	const struct transfer_memory *source, char *from, uint64_t *size,
	bool *target_fault)
{
	struct iovec remote = {from, *size};
	struct iovec local = {to, *size};
	const struct transfer_memory *at_fault;
	ssize_t n = process_vm_writev(getpid(), &remote, 1, &local, 1, 0);

	if (n > 0) {
		*size = (uint64_t)n;
		return 0;
	}
	*target_fault = is_readable(from);
	at_fault = *target_fault ? target : source;
	if (!at_fault->domain->memory)
		return -EFAULT;
	switch (window_fault(at_fault->domain->memory, (gpa_t){at_fault->gpa},
		*target_fault)) {
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
	void *to = place(target->domain, target->gpa, *size);
	void *from = place(source->domain, source->gpa, *size);

	if (!to || !from)
		return -EFAULT;
	if (!is_ram(target->domain, target->gpa, *size) ||
		!is_ram(source->domain, source->gpa, *size))
		return copy_by_host(
			target, to, source, from, size, target_fault);
	memcpy(to, from, *size);
	return 0;
}
