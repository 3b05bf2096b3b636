/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest-physical memory as a device model sees it.
 *
 * Owner: virtio; implemented by vmm/memory.  Unit tests and fuzzers link a flat
 * array behind the same functions.
 */
#ifndef VIRTIO_GUESTMEM_H
#define VIRTIO_GUESTMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define NODISCARD __attribute__((warn_unused_result))

/* A guest-physical address.  A struct, so that it cannot be dereferenced. */
typedef struct {
	uint64_t addr;
} gpa_t;

struct guestmem;

/**
 * guestmem_read - copy @len bytes at @gpa out of the guest.
 *
 * The copy is the point: the guest may change its memory at any time, so
 * values are checked on the copy and the guest is not read a second time.
 *
 * Returns 0, or -EFAULT if the range is not wholly inside RAM; then what
 * @dst holds is not to be used.
 */
NODISCARD int guestmem_read(
	const struct guestmem *gm, gpa_t gpa, void *dst, size_t len);

/**
 * guestmem_write - copy @len bytes at @src into the guest at @gpa.
 *
 * Returns 0, or -EFAULT if the range is not wholly inside RAM; then nothing
 * was written, or in a window of the VMM what came before a hole.
 */
NODISCARD int guestmem_write(
	struct guestmem *gm, gpa_t gpa, const void *src, size_t len);

/**
 * guestmem_iov - the host's address of a guest range, for file I/O only.
 * @device_writes: into it, that is reads a file
 *
 * @iov is handed to preadv or pwritev, whose copy by the host's kernel fails
 * with EFAULT where the domain has no memory.  The VMM does not read or write
 * through it.  Valid until the domain is destroyed, and kept for this request
 * until guestmem_iov_done.
 *
 * Returns 0, or -EFAULT if the range is not wholly inside RAM, or of device
 * addresses (vmm/abi/container.h); then @iov is unchanged.
 */
NODISCARD int guestmem_iov(struct guestmem *gm, gpa_t gpa, size_t len,
	bool device_writes, struct iovec *iov);

/** guestmem_iov_done - the request that had @iov, @nr of them, is done; by any
 * thread. */
void guestmem_iov_done(struct guestmem *gm, const struct iovec *iov, int nr);

/**
 * guestmem_discard - the guest does not need what is there.
 * @gpa, @len: multiples of 4096
 *
 * The memory goes back to the host; what is touched again reads as zeroes.
 * Returns 0, or -EFAULT if the range is not wholly inside RAM or not aligned.
 */
NODISCARD int guestmem_discard(struct guestmem *gm, gpa_t gpa, size_t len);

#endif
