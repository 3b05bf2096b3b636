/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ns16550A at COM1.
 *
 * The line has no speed: a byte written is sent at once and the transmitter is
 * always empty.
 *
 * Source: National Semiconductor PC16550D data sheet.
 */
#ifndef VMM_DEVICE_NS16550_H
#define VMM_DEVICE_NS16550_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS16550_IRQ 4u
#define NS16550_PORTS 8u
#define NS16550_FIFO 16u

struct console;

struct ns16550 {
	struct console *console; /* NULL: output is dropped */
	uint16_t divisor;
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t scratch;
	bool tx_interrupt; /* transmitter empty, not yet told */
	bool overrun;
	uint8_t fifo[NS16550_FIFO]; /* received */
	unsigned head;		    /* of the first byte */
	unsigned count;
};

/** ns16550_init - after reset; prints to @console. */
void ns16550_init(struct ns16550 *uart, struct console *console);

/** ns16550_room - bytes that ns16550_receive() can take. */
size_t ns16550_room(const struct ns16550 *uart);

/** ns16550_receive - bytes arrive; those beyond the room are lost. */
void ns16550_receive(struct ns16550 *uart, const void *bytes, size_t len);

/** ns16550_line - the state of the interrupt output. */
bool ns16550_line(const struct ns16550 *uart);

/** ns16550_read, ns16550_write - @reg: 0..NS16550_PORTS - 1. */
uint8_t ns16550_read(struct ns16550 *uart, unsigned reg);
void ns16550_write(struct ns16550 *uart, unsigned reg, uint8_t value);

#endif
