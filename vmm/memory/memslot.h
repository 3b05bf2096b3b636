/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memslots: the few large ranges of guest-physical space that have memory.
 *
 * A slot is made once, over a reserved range of host addresses; what lies in
 * it are windows on frames, put there by mmap.  Adding and deleting slots
 * instead would cost half a millisecond and the domain's whole second-level
 * page table.  Implements virtio/guestmem.h.
 */
#ifndef VMM_MEMORY_MEMSLOT_H
#define VMM_MEMORY_MEMSLOT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "virtio/guestmem.h"
#include "vmm/memory/backing.h"
#include "vmm/memory/dma.h"

#define MEMSLOT_MAX 4

struct memslot {
	gpa_t gpa;
	uint64_t size; /* bytes */
	char *hva;     /* same offset in a 2 MiB page as gpa */
	bool whole;    /* there is memory all over it, for good: */
	const struct backing *backing; /* this one's */
	uint64_t first;		       /* frame of it, at gpa */
	uint32_t *shown;	       /* else: frames there, or SHOWN_NONE */
	void *reserved;
	uint64_t reserved_size;
};

#define SHOWN_NONE 0u
#define SHOWN_WRITABLE (1u << 31) /* the rest: frame of the memfd, from 1 on */

struct guestmem {
	int vm_fd;
	char *frames; /* the VMM's own view of the memfd of windows, ... */
	uint64_t frames_from; /* from this frame of it on */
	unsigned nr;
	struct memslot slot[MEMSLOT_MAX];
	struct dma dma;
	atomic_bool discarded; /* some of its RAM, ever */
};

/**
 * memslot_add - make a slot without any memory in it.
 * @gpa, @size: multiples of FRAME_SIZE
 *
 * Returns 0, -EINVAL (alignment, wrap-around, size 0), -ENOSPC (MEMSLOT_MAX),
 * -EEXIST (overlap), -ENOMEM, or -errno of KVM_SET_USER_MEMORY_REGION.
 */
NODISCARD int memslot_add(struct guestmem *gm, gpa_t gpa, uint64_t size);

/** memslot_remove_all - unmap all windows and slots; the VM is not running. */
void memslot_remove_all(struct guestmem *gm);

/**
 * window_map - put frames [@start, @start + @count) of @c at @gpa.
 * @prot: PROT_READ, with PROT_WRITE where the guest may write
 *
 * Returns 0, -EFAULT if the range is not inside one slot, -ENOENT if the
 * backing has no frames there, or -errno of mmap; what was mapped before a
 * failure stays.
 */
NODISCARD int window_map(struct guestmem *gm, gpa_t gpa,
	const struct backing *c, struct frame_run frames, int prot);

/**
 * memslot_run - how much of @run one memslot_put() at @gpa is to show.
 *
 * If frames and places agree modulo 2 MiB, all of it.  Else no host mapping
 * covers all of a 2 MiB page: where one that does is cut, Linux takes all 512
 * entries out of the second-level page table, for 0.2 ms.
 */
uint64_t memslot_run(gpa_t gpa, struct frame_run run);

/**
 * memslot_put - put one run of a memfd at @gpa, over what was there.
 *
 * Returns 0, -EFAULT if the range is not inside one slot, -ENOMEM, or -errno of
 * mmap; after an error there is nothing.
 */
NODISCARD int memslot_put(
	struct guestmem *gm, gpa_t gpa, int fd, struct frame_run run, int prot);

/** memslot_shows - @run is what lies at @gpa, to be used as @prot says; if that
 * is PROT_NONE, nothing lies there. */
bool memslot_shows(
	const struct guestmem *gm, gpa_t gpa, struct frame_run run, int prot);

/**
 * memslot_drop - take @count frames from @gpa on out of the second-level page
 * table; they come back where they are touched.
 */
void memslot_drop(struct guestmem *gm, gpa_t gpa, uint64_t count);

/** memslot_clear - take out what is in @count frames from @gpa on; errors of
 * memslot_put. */
int memslot_clear(struct guestmem *gm, gpa_t gpa, uint64_t count);

/**
 * guestmem_look - memory at @gpa as the VMM can read it, or write it too.
 * @len: IN: bytes, not 0; OUT: how many of them are there, side by side
 *
 * For one step, as what windows show may be other memory after it.  Returns NULL
 * where there is none, or where the domain may not write.
 */
void *guestmem_look(
	const struct guestmem *gm, gpa_t gpa, size_t *len, bool write);

/**
 * guestmem_hva - the host's address of @len bytes at @gpa, or NULL.
 *
 * For the VMM's own tables (the control page) and for loading images before
 * the domain runs.
 */
void *guestmem_hva(const struct guestmem *gm, gpa_t gpa, size_t len);

#endif
