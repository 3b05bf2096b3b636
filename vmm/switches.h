/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the host switched the threads that run vCPUs.
 */
#ifndef VMM_SWITCHES_H
#define VMM_SWITCHES_H

#include <stdint.h>

struct system;

/**
 * switches_count - context switches, voluntary and not, of all threads of
 * @s that run vCPUs, since they were started.
 *
 * Source: proc(5), "/proc/pid/task/tid/status".
 */
uint64_t switches_count(const struct system *s);

#endif
