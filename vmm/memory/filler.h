/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that makes frames of the pool present.
 *
 * The host zeroes a page of 2 MiB while it holds the lock of the address space
 * that touched it, for 0.6 ms.  Here that is not the VMM's, where executors
 * change what windows show.
 */
#ifndef VMM_MEMORY_FILLER_H
#define VMM_MEMORY_FILLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct filler {
	int fd; /* the memory */
	bool asked;
	int socket; /* to it; -1: there is none */
	pid_t pid;
};

/** filler_init - for the memory @fd; it starts when it is needed. */
void filler_init(struct filler *f, int fd);

/**
 * filler_fill - have [@offset, @offset + @size) of the memory made present;
 * multiples of a page.
 *
 * If there can be no such process nothing is done, and who touches the frames
 * first waits longer.
 */
void filler_fill(struct filler *f, uint64_t offset, uint64_t size);

/** filler_stop - end it, if there is one. */
void filler_stop(struct filler *f);

#endif
