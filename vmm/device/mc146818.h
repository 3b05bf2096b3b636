/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mc146818 real-time clock and CMOS memory, without interrupts.
 *
 * The time of day is a base plus the VMM's clock; with a fixed base a run
 * repeats.
 *
 * Source: Motorola MC146818A data sheet.
 */
#ifndef VMM_DEVICE_MC146818_H
#define VMM_DEVICE_MC146818_H

#include <stdint.h>

#define MC146818_RAM 128u

struct mc146818 {
	int64_t base_s; /* seconds since 1970 at clock_ns() = 0 */
	uint8_t index;
	uint8_t ram[MC146818_RAM];
};

/**
 * mc146818_init - a clock that shows @now_s when the VMM's clock is @now_ns.
 * @now_s: seconds since 1970
 */
void mc146818_init(struct mc146818 *rtc, int64_t now_s, uint64_t now_ns);

/** mc146818_read, mc146818_write - @port: 0x70, 0x71. */
uint8_t mc146818_read(
	const struct mc146818 *rtc, uint16_t port, uint64_t now_ns);
void mc146818_write(struct mc146818 *rtc, uint16_t port, uint8_t value);

#endif
