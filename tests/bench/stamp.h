/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time-stamp counter right before an instruction enters the kernel.
 */
#ifndef TESTS_BENCH_STAMP_H
#define TESTS_BENCH_STAMP_H

#include <stdint.h>

/* When the message under way was sent. */
extern volatile uint64_t stamp;

/** stamp_touch - stamp, then read the byte at @at. */
void stamp_touch(const volatile char *at);

/** stamp_raise - stamp, then divide by zero; returns if that is skipped. */
void stamp_raise(void);

/** stamp_ipc - stands in for the kernel's stub of Ipc: it stamps there. */
void stamp_ipc(void);

#endif
