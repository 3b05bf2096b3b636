/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values as people write them: times, sizes, names.
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_VALUE_H
#define VMM_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * value_time - a time such as "10ms", "0.5ms", "2s", "100us".
 * @us: microseconds; unchanged on error
 *
 * Returns 0, -EINVAL (no such form, or not whole microseconds), or -ERANGE
 * (more than an hour).
 */
int value_time(const char *text, uint32_t *us);

/**
 * value_size - a size such as "4MiB", with KiB, MiB or GiB.
 *
 * Returns 0, -EINVAL, or -ERANGE (1 TiB or more).
 */
int value_size(const char *text, uint64_t *bytes);

/**
 * value_memory - libvirt's number and unit, such as "16" and "MiB".
 * @unit: NULL stands for KiB, as in libvirt
 *
 * Returns 0, -EINVAL, or -ERANGE (1 TiB or more).
 */
int value_memory(const char *number, const char *unit, uint64_t *bytes);

/** value_number - a decimal number, 0..@max.  Returns 0, -EINVAL, -ERANGE. */
int value_number(const char *text, uint32_t max, uint32_t *number);

/** value_count - likewise of 64 bits, @max at most 1 << 40. */
int value_count(const char *text, uint64_t max, uint64_t *number);

/** value_is_name - 1 to BOOT_NAME_MAX - 1 letters, digits, '.', '_', '-'. */
bool value_is_name(const char *text);

/**
 * value_time_text - write a time as people do: "10ms", "32.5ms", "250us".
 * @buf: VALUE_TIME_TEXT bytes
 *
 * Returns @buf.
 */
#define VALUE_TIME_TEXT 24
const char *value_time_text(uint64_t us, char *buf);

#endif
