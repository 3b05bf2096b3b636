/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace points in guest kernels: while they are wanted, HLT stands in place of
 * the first byte of some paths of the kernel.  It leaves the guest, the VMM
 * notes what happened, carries out the instruction that stood there, and the
 * guest goes on.  So when off there is nothing in the guest at all.
 *
 * The kernel executes no HLT of its own.  Bytes are exchanged by the thread
 * that runs the vCPU, before it enters: enum domain_hold, HOLD_PATCH.
 */
#ifndef VMM_TRACE_POINT_H
#define VMM_TRACE_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "vmm/trace/step.h"

struct domain;

enum guest_point {
	POINT_MESSAGE,	    /* the short way of Ipc */
	POINT_LONG_MESSAGE, /* the long one */
	POINT_PAGE_FAULT,
	POINT_UNMAP,
	POINT_SWITCH, /* to another thread, but for the short way */
	NR_POINTS,
};

struct guest_points {
	uint64_t address[NR_POINTS]; /* of the kernel; 0: it has no such */
	struct step step[NR_POINTS];
	uint8_t original[NR_POINTS];
	bool placed[NR_POINTS];
	bool wanted;
};

/**
 * points_find - where the kernel's ELF @file of @size bytes says that they are.
 */
void points_find(struct guest_points *p, const void *file, size_t size);

/**
 * points_want - from its next entry on have @d's kernel traced, or not.
 *
 * A domain without this kernel, or that a debugger may hold, is left alone.
 * The system's lock is held.
 */
void points_want(struct domain *d, bool wanted);

/** points_place - @d is about to be entered: make it as it is wanted. */
void points_place(struct domain *d);

/**
 * points_halted - @d's kernel executed HLT.
 *
 * Returns whether that was a trace point; the vCPU is behind it then.
 */
bool points_halted(struct domain *d);

#endif
