/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x87 and SSE state, switched when a thread uses it (#NM).  The kernel itself
 * uses none.
 */
#ifndef GUESTKERNEL_X86_FPU_H
#define GUESTKERNEL_X86_FPU_H

#include <stdint.h>

/** fpu_init - the state of a thread that has none yet, into its area. */
void fpu_init(uint8_t *area);

/**
 * fpu_use - #NM: load the state of the running thread, and clear CR0.TS.
 *
 * The thread is THREAD_FPU until another one runs.
 */
void fpu_use(uint8_t *area);

/** fpu_forget - the thread with this area is gone. */
void fpu_forget(const uint8_t *area);

/** fpu_close - set CR0.TS. */
void fpu_close(void);

#endif
