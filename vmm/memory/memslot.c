/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A linear search: a VM has fewer than MEMSLOT_MAX slots, and the hot path
 * (second-level faults on RAM) never leaves the host's kernel.
 */
#include "vmm/memory/memslot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN_2M (UINT64_C(2) << 20)
#define REMOVE_PIECE (UINT64_C(256) << 10)

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* Linux 5.18 */
#endif

static bool slot_overlaps(const struct memslot *s, gpa_t gpa, uint64_t size)
{
	return gpa.addr < s->gpa.addr + s->size &&
	       s->gpa.addr < gpa.addr + size;
}

/* Subtractions only: @gpa + @len may wrap, the offset into a slot cannot. */
static bool slot_contains(const struct memslot *s, gpa_t gpa, uint64_t len)
{
	if (gpa.addr < s->gpa.addr)
		return false;

	uint64_t off = gpa.addr - s->gpa.addr;

	return off <= s->size && len <= s->size - off;
}

static int slot_reserve(struct memslot *s)
{
	s->reserved_size = s->size + 2 * ALIGN_2M;
	s->reserved = mmap(NULL, s->reserved_size, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->reserved == MAP_FAILED)
		return -ENOMEM;

	uintptr_t base =
		((uintptr_t)s->reserved + ALIGN_2M - 1) & ~(ALIGN_2M - 1);

	s->hva = (char *)(base + (s->gpa.addr & (ALIGN_2M - 1)));
	return 0;
}

int memslot_add(struct guestmem *gm, gpa_t gpa, uint64_t size)
{
	if (size == 0 || ((gpa.addr | size) & (FRAME_SIZE - 1)))
		return -EINVAL;
	if (gpa.addr + size < gpa.addr)
		return -EINVAL;
	if (gm->nr == MEMSLOT_MAX)
		return -ENOSPC;
	for (unsigned i = 0; i < gm->nr; i++)
		if (slot_overlaps(&gm->slot[i], gpa, size))
			return -EEXIST;

	struct memslot *s = &gm->slot[gm->nr];

	*s = (struct memslot){.gpa = gpa, .size = size};

	int err = slot_reserve(s);

	if (err)
		return err;

	struct kvm_userspace_memory_region region = {
		.slot = gm->nr,
		.guest_phys_addr = gpa.addr,
		.memory_size = size,
		.userspace_addr = (uintptr_t)s->hva,
	};
	if (ioctl(gm->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0) {
		err = -errno;
		munmap(s->reserved, s->reserved_size);
		return err;
	}
	gm->nr++;
	return 0;
}

/*
 * While the host's kernel takes pages out of the VMM's address space, executors
 * wait that change it for another domain: so not too many at once.
 */
static void empty(const struct memslot *s)
{
	for (uint64_t at = 0; at < s->size; at += REMOVE_PIECE) {
		uint64_t left = s->size - at;

		madvise(s->hva + at, left < REMOVE_PIECE ? left : REMOVE_PIECE,
			MADV_DONTNEED_LOCKED);
	}
}

void memslot_remove_all(struct guestmem *gm)
{
	while (gm->nr) {
		struct memslot *s = &gm->slot[--gm->nr];

		empty(s);
		munmap(s->reserved, s->reserved_size);
		free(s->shown);
	}
}

static struct memslot *slot_find(
	const struct guestmem *gm, gpa_t gpa, uint64_t len)
{
	for (unsigned i = 0; i < gm->nr; i++)
		if (slot_contains(&gm->slot[i], gpa, len))
			return (struct memslot *)&gm->slot[i];
	return NULL;
}

int window_map(struct guestmem *gm, gpa_t gpa, const struct backing *c,
	struct frame_run frames, int prot)
{
	struct memslot *s = slot_find(gm, gpa, frames.count * FRAME_SIZE);
	char *hva = guestmem_hva(gm, gpa, frames.count * FRAME_SIZE);
	bool whole = s && frames.count * FRAME_SIZE == s->size;
	uint64_t first = frames.first;

	if (!s)
		return -EFAULT;
	while (frames.count) {
		struct frame_run run;
		int err = backing_lookup(c, frames.first, &run);

		if (err)
			return err;
		if (run.count > frames.count)
			run.count = frames.count;

		size_t size = run.count * FRAME_SIZE;

		if (mmap(hva, size, prot, MAP_SHARED | MAP_FIXED, backing_fd(c),
			    (off_t)(run.first * FRAME_SIZE)) == MAP_FAILED)
			return -errno;
		if (run.count >= FRAMES_2M)
			madvise(hva, size, MADV_HUGEPAGE); /* a hint only */
		hva += size;
		frames.first += run.count;
		frames.count -= run.count;
	}
	if (whole) {
		s->whole = true;
		s->backing = c;
		s->first = first;
	}
	return 0;
}

/* From now on @count frames at @gpa are @first and so on, or none. */
static void note_shown(
	struct memslot *s, gpa_t gpa, uint64_t count, uint32_t first)
{
	uint32_t *shown = &s->shown[(gpa.addr - s->gpa.addr) / FRAME_SIZE];

	for (uint64_t i = 0; i < count; i++)
		shown[i] = first ? first + (uint32_t)i : SHOWN_NONE;
}

/* What is noted of its first frame. */
static uint32_t shown_as(struct frame_run run, int prot)
{
	return (uint32_t)(run.first + 1) |
	       (prot & PROT_WRITE ? SHOWN_WRITABLE : 0);
}

/* It can be one entry of the second-level page table for each 2 MiB. */
static bool is_even(gpa_t gpa, struct frame_run run)
{
	return (gpa.addr / FRAME_SIZE - run.first) % FRAMES_2M == 0;
}

/* Which 2 MiB it is in, if those are counted from odd multiples of 1 MiB on. */
static uint64_t odd_page(uint64_t frame)
{
	return (frame + FRAMES_2M / 2) / FRAMES_2M;
}

uint64_t memslot_run(gpa_t gpa, struct frame_run run)
{
	uint64_t frame = gpa.addr / FRAME_SIZE;
	uint64_t end = odd_page(frame) * FRAMES_2M + FRAMES_2M / 2;

	return is_even(gpa, run) || run.count < end - frame ? run.count
							    : end - frame;
}

int memslot_put(
	struct guestmem *gm, gpa_t gpa, int fd, struct frame_run run, int prot)
{
	size_t size = run.count * FRAME_SIZE;
	struct memslot *s = slot_find(gm, gpa, size);
	char *hva = guestmem_hva(gm, gpa, size);
	/* Without any other effect, but neighbours are not made one mapping. */
	int apart = !is_even(gpa, run) && odd_page(gpa.addr / FRAME_SIZE) % 2
			    ? MAP_NORESERVE
			    : 0;

	if (!s)
		return -EFAULT;
	if (!s->shown)
		s->shown = calloc(s->size / FRAME_SIZE, sizeof(s->shown[0]));
	if (!s->shown)
		return -ENOMEM;
	note_shown(s, gpa, run.count, SHOWN_NONE);
	if (mmap(hva, size, prot, MAP_SHARED | MAP_FIXED | apart, fd,
		    (off_t)(run.first * FRAME_SIZE)) == MAP_FAILED)
		return -errno;
	note_shown(s, gpa, run.count, shown_as(run, prot));
	return 0;
}

bool memslot_shows(
	const struct guestmem *gm, gpa_t gpa, struct frame_run run, int prot)
{
	const struct memslot *s = slot_find(gm, gpa, run.count * FRAME_SIZE);
	bool all = s != NULL;

	for (uint64_t i = 0; i < run.count && all; i++) {
		uint64_t at = (gpa.addr - s->gpa.addr) / FRAME_SIZE + i;
		uint32_t is = s->shown ? s->shown[at] : SHOWN_NONE;

		all = is == (prot == PROT_NONE ? SHOWN_NONE
					       : shown_as(run, prot) + i);
	}
	return all;
}

void memslot_drop(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	char *hva = guestmem_hva(gm, gpa, count * FRAME_SIZE);

	if (hva)
		madvise(hva, count * FRAME_SIZE, MADV_DONTNEED);
}

int memslot_clear(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	struct memslot *s = slot_find(gm, gpa, count * FRAME_SIZE);
	char *hva = guestmem_hva(gm, gpa, count * FRAME_SIZE);

	if (!s)
		return -EFAULT;
	if (s->shown)
		note_shown(s, gpa, count, SHOWN_NONE);
	if (mmap(hva, count * FRAME_SIZE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		    0) == MAP_FAILED)
		return -errno;
	return 0;
}

void *guestmem_hva(const struct guestmem *gm, gpa_t gpa, size_t len)
{
	const struct memslot *s = slot_find(gm, gpa, len);

	return s ? s->hva + (gpa.addr - s->gpa.addr) : NULL;
}

static bool can_use(uint32_t shown, bool write)
{
	return shown != SHOWN_NONE && (!write || (shown & SHOWN_WRITABLE));
}

/* In a slot with holes: what lies there, frame by frame. */
static void *look_at_windows(const struct guestmem *gm, const struct memslot *s,
	gpa_t gpa, size_t *len, bool write)
{
	uint64_t offset = gpa.addr - s->gpa.addr, low = offset % FRAME_SIZE;
	const uint32_t *shown = s->shown + offset / FRAME_SIZE;
	uint64_t n = FRAME_SIZE - low, frame;

	if (!s->shown || !can_use(shown[0], write))
		return NULL;
	for (uint32_t i = 1; n < *len && shown[i] == shown[0] + i; i++)
		n += FRAME_SIZE;
	if (n < *len)
		*len = n;
	frame = (shown[0] & ~SHOWN_WRITABLE) - 1;
	return gm->frames + (frame - gm->frames_from) * FRAME_SIZE + low;
}

void *guestmem_look(
	const struct guestmem *gm, gpa_t gpa, size_t *len, bool write)
{
	const struct memslot *s = slot_find(gm, gpa, 1);
	uint64_t left;

	if (!s)
		return NULL;
	left = s->size - (gpa.addr - s->gpa.addr);
	if (left < *len)
		*len = left;
	return s->whole ? s->hva + (gpa.addr - s->gpa.addr)
			: look_at_windows(gm, s, gpa, len, write);
}

/* Each part is where it is; nothing beyond a slot. */
static int copy(
	const struct guestmem *gm, gpa_t gpa, char *at, size_t len, bool write)
{
	size_t n;

	if (!slot_find(gm, gpa, len))
		return -EFAULT;
	for (; len; len -= n, at += n, gpa.addr += n) {
		char *there;

		n = len;
		there = guestmem_look(gm, gpa, &n, write);
		if (!there)
			return -EFAULT;
		memcpy(write ? there : at, write ? at : there, n);
	}
	return 0;
}

int guestmem_read(const struct guestmem *gm, gpa_t gpa, void *dst, size_t len)
{
	return copy(gm, gpa, dst, len, false);
}

int guestmem_write(struct guestmem *gm, gpa_t gpa, const void *src, size_t len)
{
	return copy(gm, gpa, (char *)(uintptr_t)src, len, true);
}

int guestmem_iov(struct guestmem *gm, gpa_t gpa, size_t len, bool device_writes,
	struct iovec *iov)
{
	void *base = guestmem_hva(gm, gpa, len);

	if (gpa.addr >= DMA_ADDRESS)
		return dma_take(&gm->dma, gpa, len, device_writes, iov);

	if (!base)
		return -EFAULT;
	*iov = (struct iovec){base, len};
	return 0;
}

void guestmem_iov_done(struct guestmem *gm, const struct iovec *iov, int nr)
{
	for (int i = 0; i < nr; i++)
		dma_give_back(&gm->dma, &iov[i]);
}

/* Locked mappings keep their pages from madvise, not from the file. */
static int hole_punch(const struct backing *b, uint64_t first, uint64_t count)
{
	while (count) {
		struct frame_run run;

		if (backing_lookup(b, first, &run))
			return -EFAULT;
		if (run.count > count)
			run.count = count;
		if (fallocate(backing_fd(b),
			    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    (off_t)(run.first * FRAME_SIZE),
			    (off_t)(run.count * FRAME_SIZE)) < 0)
			return -errno;
		first += run.count;
		count -= run.count;
	}
	return 0;
}

int guestmem_discard(struct guestmem *gm, gpa_t gpa, size_t len)
{
	const struct memslot *s = slot_find(gm, gpa, len);

	/* Windows show what is not the guest's to discard. */
	if (!s || !s->whole || (gpa.addr | len) % FRAME_SIZE)
		return -EFAULT;
	gm->discarded = true;
	return hole_punch(s->backing,
		s->first + (gpa.addr - s->gpa.addr) / FRAME_SIZE,
		len / FRAME_SIZE);
}
