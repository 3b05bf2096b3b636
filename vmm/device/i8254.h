/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The i8254 timer of a PC with port 0x61.
 *
 * Channel 0 interrupts (input 0 of the i8259), channel 2 can be gated and read
 * back, which is how a kernel without a better clock calibrates its TSC.  A
 * periodic channel whose domain did not run raises one interrupt when it runs
 * again: missed ticks are dropped, never replayed, since the guest's clock
 * comes from the TSC and a burst of ticks would cost it time for nothing.
 *
 * Source: Intel 82C54 data sheet.
 */
#ifndef VMM_DEVICE_I8254_H
#define VMM_DEVICE_I8254_H

#include <stdbool.h>
#include <stdint.h>

#define I8254_HZ 1193182u
#define I8254_IRQ 0u
#define I8254_NEVER UINT64_MAX

struct i8254_channel {
	uint8_t mode;	/* 0..5 */
	uint8_t access; /* 1: low byte, 2: high byte, 3: low, then high */
	bool bcd;
	bool running; /* a count was written since the mode */
	bool gate;
	bool write_high; /* the next byte written is the high one */
	bool read_high;
	uint8_t low; /* first byte of a count that is being written */
	bool count_latched;
	bool status_latched;
	uint16_t latch;
	uint8_t status;
	uint32_t reload;   /* ticks, 1..65536 */
	uint64_t start_ns; /* when it was loaded */
};

struct i8254 {
	struct i8254_channel channel[3];
	bool speaker;
	uint64_t next_ns; /* channel 0's next interrupt, or I8254_NEVER */
};

/** i8254_init - as firmware leaves it: channel 0 not counting. */
void i8254_init(struct i8254 *pit);

/**
 * i8254_expire - has channel 0 fired by @now_ns?
 *
 * Returns true once for all ticks up to @now_ns, and advances next_ns beyond.
 */
bool i8254_expire(struct i8254 *pit, uint64_t now_ns);

/** i8254_read, i8254_write - @port: 0x40..0x43, 0x61. */
uint8_t i8254_read(struct i8254 *pit, uint16_t port, uint64_t now_ns);
void i8254_write(
	struct i8254 *pit, uint16_t port, uint8_t value, uint64_t now_ns);

#endif
