/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program may ask of the kernel debugger by INT3: characters on COM1.
 * There is no debugger; the VMM has one.
 */
#ifndef GUESTKERNEL_KDB_H
#define GUESTKERNEL_KDB_H

#include <stdbool.h>

#include "guestkernel/thread.h"

/**
 * kdb_int3 - carry out the operation whose code follows the INT3.
 *
 * Returns false if none does: then it is an exception like any other.
 */
bool kdb_int3(struct tcb *self);

#endif
