/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as a flat array: what devices see in tests and fuzzers.
 */
#include "tests/unit/flatmem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool inside(gpa_t gpa, size_t len)
{
	return gpa.addr <= FLATMEM_SIZE && len <= FLATMEM_SIZE - gpa.addr;
}

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(dst, gm->bytes + gpa.addr, len);
	return 0;
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	if (!inside(gpa, len))
		return -EFAULT;
	memcpy(gm->bytes + gpa.addr, src, len);
	return 0;
}

int guestmem_iov(struct guestmem *gm, gpa_t gpa, size_t len, bool device_writes,
	struct iovec *iov)
{
	(void)device_writes;
	if (!inside(gpa, len))
		return -EFAULT;
	*iov = (struct iovec){gm->bytes + gpa.addr, len};
	gm->iovs++;
	return 0;
}

void guestmem_iov_done(struct guestmem *gm, const struct iovec *iov, int nr)
{
	(void)iov;
	if (gm)
		gm->iovs -= nr;
}

int guestmem_discard(struct guestmem *gm, gpa_t gpa, size_t len)
{
	if (!inside(gpa, len) || (gpa.addr | len) % 4096)
		return -EFAULT;
	memset(gm->bytes + gpa.addr, 0, len);
	return 0;
}
