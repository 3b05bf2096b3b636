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

#define TRIES_MAX 8

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

/* Each page of @size bytes at @at can be read. */
static bool is_readable(char *at, uint64_t size)
{
	for (char *end = at + size; at < end;
		at = (char *)(((uintptr_t)at | (FRAME_SIZE - 1)) + 1)) {
		char byte;
		struct iovec source = {at, 1};
		struct iovec target = {&byte, 1};

		if (process_vm_readv(getpid(), &target, 1, &source, 1, 0) != 1)
			return false;
	}
	return true;
}

/* A write to a logical copy is tried again once it can be made. */
static int copy_by_host(struct domain *d, void *to, struct domain *from_domain,
	char *from, uint64_t size)
{
	struct iovec source = {from, size};
	struct iovec target = {to, size};

	for (unsigned i = 0; i < TRIES_MAX; i++) {
		struct domain *at_fault = d;

		if (process_vm_writev(getpid(), &source, 1, &target, 1, 0) ==
			(ssize_t)size)
			return 0;
		if (!is_readable(from, size))
			at_fault = from_domain;
		if (!at_fault->memory)
			return -EFAULT;
		switch (windows_fault(at_fault->memory)) {
		case FAULT_RESOLVED:
			break;
		case FAULT_TOLD:
			return -EAGAIN;
		default:
			return -EFAULT;
		}
	}
	return -EFAULT;
}

int transfer_copy(struct domain *to, uint64_t to_gpa, struct domain *from,
	uint64_t from_gpa, uint64_t size)
{
	void *target = place(to, to_gpa, size);
	void *source = place(from, from_gpa, size);

	if (!target || !source)
		return -EFAULT;
	if (!is_ram(to, to_gpa, size) || !is_ram(from, from_gpa, size))
		return copy_by_host(to, target, from, source, size);
	memcpy(target, source, size);
	return 0;
}
