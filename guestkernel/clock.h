/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One clock: the TSC, scaled by what the control page says. */
#ifndef GUESTKERNEL_CLOCK_H
#define GUESTKERNEL_CLOCK_H

#include <stdint.h>

#include "guestkernel/abi/time.h"

/** clock_ticks - TSC ticks in @us microseconds. */
uint64_t clock_ticks(uint64_t us) __attribute__((noinline));

/** clock_us - microseconds in @ticks TSC ticks. */
uint64_t clock_us(uint64_t ticks);

/** clock_system_us - the system clock (SystemClock). */
uint64_t clock_system_us(void);

/**
 * clock_deadline - the TSC value at which a timeout that starts now ends.
 * @timeout: not "never"
 */
uint64_t clock_deadline(l4_time_t timeout);

/** clock_ticks_of - ticks from now to its end; CONTROL_NEVER for "never". */
uint64_t clock_ticks_of(l4_time_t timeout);

#endif
