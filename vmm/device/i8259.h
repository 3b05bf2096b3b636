/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two i8259 interrupt controllers of a PC, with the edge/level control
 * registers of later chips (ports 0x4d0, 0x4d1).
 *
 * Source: Intel 8259A data sheet; 82371AB (PIIX4), "Interrupt Controller
 * Registers".
 */
#ifndef VMM_DEVICE_I8259_H
#define VMM_DEVICE_I8259_H

#include <stdbool.h>
#include <stdint.h>

#define I8259_CASCADE 2u /* input of the first that the second drives */

struct i8259_chip {
	uint8_t irr;	   /* requested */
	uint8_t isr;	   /* in service */
	uint8_t imr;	   /* masked */
	uint8_t elcr;	   /* level triggered */
	uint8_t lines;	   /* state of the inputs */
	uint8_t vector;	   /* of input 0 */
	uint8_t lowest;	   /* input with the lowest priority */
	uint8_t init_step; /* next ICW expected: 2..4, or 0 */
	bool expects_icw4;
	bool auto_eoi;
	bool rotate_on_auto_eoi;
	bool special_mask;
	bool special_nested;
	bool read_isr;
	bool poll;
};

struct i8259 {
	struct i8259_chip chip[2];
	bool output; /* to the CPU */
};

/** i8259_init - after reset: nothing is initialised, all edge triggered. */
void i8259_init(struct i8259 *pic);

/** i8259_set_line - the state of input @irq, 0..15. */
void i8259_set_line(struct i8259 *pic, unsigned irq, bool asserted);

/** i8259_set_level - make input @irq level triggered, as firmware would. */
void i8259_set_level(struct i8259 *pic, unsigned irq);

/** i8259_pulse - an edge at input @irq. */
void i8259_pulse(struct i8259 *pic, unsigned irq);

/**
 * i8259_acknowledge - the CPU takes the interrupt.
 *
 * Returns the vector; the spurious one, input 7, if nothing is requested.
 */
uint8_t i8259_acknowledge(struct i8259 *pic);

/** i8259_read, i8259_write - @port: 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1. */
uint8_t i8259_read(struct i8259 *pic, uint16_t port);
void i8259_write(struct i8259 *pic, uint16_t port, uint8_t value);

#endif
