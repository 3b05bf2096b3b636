/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two i8259 interrupt controllers of a PC.
 */
#include "vmm/device/i8259.h"

#include <string.h>

#define ICW1_INIT 0x10u
#define ICW1_SINGLE 0x02u
#define ICW1_ICW4 0x01u
#define ICW4_AUTO_EOI 0x02u
#define ICW4_SPECIAL_NESTED 0x10u

#define OCW3 0x08u
#define OCW3_POLL 0x04u
#define OCW3_READ 0x02u
#define OCW3_READ_ISR 0x01u
#define OCW3_SET_SPECIAL_MASK 0x40u
#define OCW3_SPECIAL_MASK 0x20u

/* Top three bits of OCW2. */
enum ocw2 {
	ROTATE_AUTO_EOI_CLEAR = 0,
	EOI = 1,
	SPECIFIC_EOI = 3,
	ROTATE_AUTO_EOI_SET = 4,
	ROTATE_EOI = 5,
	SET_PRIORITY = 6,
	ROTATE_SPECIFIC_EOI = 7,
};

#define NO_INPUT 8u

/* The input of highest priority in @set, or NO_INPUT. */
static unsigned highest(const struct i8259_chip *c, uint8_t set)
{
	for (unsigned i = 1; i <= 8; i++) {
		unsigned input = (c->lowest + i) & 7;

		if (set & 1u << input)
			return input;
	}
	return NO_INPUT;
}

static unsigned rank(const struct i8259_chip *c, unsigned input)
{
	return input == NO_INPUT ? 8 : (input - c->lowest - 1) & 7;
}

/* The input to be served next, or NO_INPUT. */
static unsigned next_input(const struct i8259_chip *c, bool is_first)
{
	unsigned input = highest(c, c->irr & (uint8_t)~c->imr);
	uint8_t serving = c->isr;

	if (c->special_mask)
		serving &= (uint8_t)~c->imr;
	/* The second chip may interrupt its own handlers. */
	if (is_first && c->special_nested)
		serving &= (uint8_t) ~(1u << I8259_CASCADE);
	if (rank(c, input) < rank(c, highest(c, serving)))
		return input;
	return NO_INPUT;
}

static void chip_set_line(struct i8259_chip *c, unsigned input, bool asserted)
{
	uint8_t bit = (uint8_t)(1u << input);
	bool rises = asserted && !(c->lines & bit);

	if (asserted)
		c->lines |= bit;
	else
		c->lines &= (uint8_t)~bit;
	if (rises)
		c->irr |= bit;
	if (!asserted && (c->elcr & bit))
		c->irr &= (uint8_t)~bit;
}

static void update(struct i8259 *pic)
{
	bool second = next_input(&pic->chip[1], false) != NO_INPUT;
	struct i8259_chip *first = &pic->chip[0];

	/* The cascade follows the second chip like a level. */
	chip_set_line(first, I8259_CASCADE, second);
	if (!second)
		first->irr &= (uint8_t) ~(1u << I8259_CASCADE);
	pic->output = next_input(first, true) != NO_INPUT;
}

static void chip_acknowledge(struct i8259_chip *c, unsigned input)
{
	uint8_t bit = (uint8_t)(1u << input);

	if (!(c->elcr & bit))
		c->irr &= (uint8_t)~bit;
	if (!c->auto_eoi)
		c->isr |= bit;
	else if (c->rotate_on_auto_eoi)
		c->lowest = (uint8_t)input;
}

static uint8_t acknowledge_second(struct i8259 *pic)
{
	struct i8259_chip *second = &pic->chip[1];
	unsigned input = next_input(second, false);

	if (input == NO_INPUT)
		return (uint8_t)(second->vector + 7);
	chip_acknowledge(second, input);
	return (uint8_t)(second->vector + input);
}

uint8_t i8259_acknowledge(struct i8259 *pic)
{
	struct i8259_chip *first = &pic->chip[0];
	unsigned input = next_input(first, true);
	uint8_t vector;

	if (input == NO_INPUT)
		return (uint8_t)(first->vector + 7);
	chip_acknowledge(first, input);
	if (input == I8259_CASCADE) {
		vector = acknowledge_second(pic);
		/* A second request behind it is a new edge. */
		first->lines &= (uint8_t) ~(1u << I8259_CASCADE);
	} else {
		vector = (uint8_t)(first->vector + input);
	}
	update(pic);
	return vector;
}

static void end_of_interrupt(struct i8259_chip *c, unsigned input, bool rotate)
{
	if (input == NO_INPUT)
		return;
	c->isr &= (uint8_t) ~(1u << input);
	if (rotate)
		c->lowest = (uint8_t)input;
}

static unsigned serving(const struct i8259_chip *c)
{
	uint8_t isr = c->isr;

	if (c->special_mask)
		isr &= (uint8_t)~c->imr;
	return highest(c, isr);
}

static void write_ocw2(struct i8259_chip *c, uint8_t value)
{
	unsigned input = value & 7;

	switch (value >> 5) {
	case ROTATE_AUTO_EOI_CLEAR:
	case ROTATE_AUTO_EOI_SET:
		c->rotate_on_auto_eoi = value >> 5 == ROTATE_AUTO_EOI_SET;
		break;
	case EOI:
	case ROTATE_EOI:
		end_of_interrupt(c, serving(c), value >> 5 == ROTATE_EOI);
		break;
	case SPECIFIC_EOI:
	case ROTATE_SPECIFIC_EOI:
		end_of_interrupt(c, input, value >> 5 == ROTATE_SPECIFIC_EOI);
		break;
	case SET_PRIORITY:
		c->lowest = (uint8_t)input;
		break;
	default:
		break;
	}
}

static void write_icw1(struct i8259_chip *c, uint8_t value)
{
	uint8_t elcr = c->elcr;
	uint8_t lines = c->lines;

	memset(c, 0, sizeof(*c));
	c->elcr = elcr;
	c->lines = lines;
	c->irr = lines & elcr;
	c->lowest = 7;
	c->init_step = 2;
	c->expects_icw4 = value & ICW1_ICW4;
}

static void write_ocw3(struct i8259_chip *c, uint8_t value)
{
	if (value & OCW3_POLL)
		c->poll = true;
	if (value & OCW3_READ)
		c->read_isr = value & OCW3_READ_ISR;
	if (value & OCW3_SET_SPECIAL_MASK)
		c->special_mask = value & OCW3_SPECIAL_MASK;
}

static void write_data(struct i8259_chip *c, uint8_t value)
{
	switch (c->init_step) {
	case 2:
		c->vector = value & 0xf8;
		c->init_step = 3;
		break;
	case 3: /* how the chips are connected, which never changes */
		c->init_step = c->expects_icw4 ? 4 : 0;
		break;
	case 4:
		c->auto_eoi = value & ICW4_AUTO_EOI;
		c->special_nested = value & ICW4_SPECIAL_NESTED;
		c->init_step = 0;
		break;
	default:
		c->imr = value;
		break;
	}
}

void i8259_init(struct i8259 *pic)
{
	memset(pic, 0, sizeof(*pic));
	pic->chip[0].lowest = 7;
	pic->chip[1].lowest = 7;
}

void i8259_set_line(struct i8259 *pic, unsigned irq, bool asserted)
{
	struct i8259_chip *c = &pic->chip[irq >> 3 & 1];

	if (asserted == (c->lines >> (irq & 7) & 1))
		return;
	chip_set_line(c, irq & 7, asserted);
	update(pic);
}

void i8259_set_level(struct i8259 *pic, unsigned irq)
{
	pic->chip[irq >> 3 & 1].elcr |= (uint8_t)(1u << (irq & 7));
}

void i8259_pulse(struct i8259 *pic, unsigned irq)
{
	i8259_set_line(pic, irq, true);
	i8259_set_line(pic, irq, false);
}

static struct i8259_chip *chip_at(struct i8259 *pic, uint16_t port)
{
	bool second = port == 0xa0 || port == 0xa1 || port == 0x4d1;

	return &pic->chip[second];
}

/* A read after a poll command acknowledges, without the CPU's cycle. */
static uint8_t read_poll(struct i8259 *pic, struct i8259_chip *c)
{
	unsigned input = next_input(c, c == &pic->chip[0]);

	c->poll = false;
	if (input == NO_INPUT)
		return 0;
	chip_acknowledge(c, input);
	update(pic);
	return (uint8_t)(0x80 | input);
}

uint8_t i8259_read(struct i8259 *pic, uint16_t port)
{
	struct i8259_chip *c = chip_at(pic, port);

	if (port >= 0x4d0)
		return c->elcr;
	if (c->poll)
		return read_poll(pic, c);
	if (port & 1)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

void i8259_write(struct i8259 *pic, uint16_t port, uint8_t value)
{
	struct i8259_chip *c = chip_at(pic, port);

	if (port == 0x4d0)
		c->elcr = value & 0xf8; /* timer, keyboard, cascade: edge */
	else if (port == 0x4d1)
		c->elcr = value & 0xde; /* clock, coprocessor: edge */
	else if (port & 1)
		write_data(c, value);
	else if (value & ICW1_INIT)
		write_icw1(c, value);
	else if (value & OCW3)
		write_ocw3(c, value);
	else
		write_ocw2(c, value);
	update(pic);
}
