/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The i8254 timer of a PC with port 0x61.
 */
#include "vmm/device/i8254.h"

#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

#define PORT_CONTROL 0x43
#define PORT_B 0x61
#define PORT_B_GATE2 0x01u
#define PORT_B_SPEAKER 0x02u
#define PORT_B_REFRESH 0x10u
#define PORT_B_OUT2 0x20u

#define READ_BACK 3u /* in the channel field of the control word */
#define READ_BACK_NO_COUNT 0x20u
#define READ_BACK_NO_STATUS 0x10u
#define STATUS_OUT 0x80u
#define STATUS_NULL_COUNT 0x40u

enum mode {
	TERMINAL_COUNT = 0,
	HARDWARE_ONE_SHOT = 1,
	RATE_GENERATOR = 2,
	SQUARE_WAVE = 3,
	SOFTWARE_STROBE = 4,
	HARDWARE_STROBE = 5,
};

static uint64_t ticks_from_ns(uint64_t ns)
{
	return ns / NS_PER_S * I8254_HZ + ns % NS_PER_S * I8254_HZ / NS_PER_S;
}

/* Rounded up: a timer is never early. */
static uint64_t ns_from_ticks(uint64_t ticks)
{
	return ticks / I8254_HZ * NS_PER_S +
	       (ticks % I8254_HZ * NS_PER_S + I8254_HZ - 1) / I8254_HZ;
}

static bool is_periodic(const struct i8254_channel *c)
{
	return c->mode == RATE_GENERATOR || c->mode == SQUARE_WAVE;
}

static uint64_t elapsed(const struct i8254_channel *c, uint64_t now_ns)
{
	if (!c->running || !c->gate || now_ns < c->start_ns)
		return 0;
	return ticks_from_ns(now_ns - c->start_ns);
}

static uint16_t to_bcd(uint32_t n)
{
	return (uint16_t)(n % 10 | n / 10 % 10 << 4 | n / 100 % 10 << 8 |
			  n / 1000 % 10 << 12);
}

static uint32_t from_bcd(uint32_t n)
{
	return (n & 15) + (n >> 4 & 15) * 10 + (n >> 8 & 15) * 100 +
	       (n >> 12 & 15) * 1000;
}

static uint16_t count_now(const struct i8254_channel *c, uint64_t now_ns)
{
	uint64_t ticks = elapsed(c, now_ns);
	uint32_t range = c->bcd ? 10000 : 65536;
	uint32_t count;

	switch (c->mode) {
	case RATE_GENERATOR:
		count = c->reload - (uint32_t)(ticks % c->reload);
		break;
	case SQUARE_WAVE: /* counts by two, twice a period */
		count = c->reload - (uint32_t)(ticks * 2 % c->reload);
		break;
	default: /* goes on through zero */
		count = (uint32_t)((c->reload + range - ticks % range) % range);
		break;
	}
	return c->bcd ? to_bcd(count % range) : (uint16_t)count;
}

static bool output(const struct i8254_channel *c, uint64_t now_ns)
{
	uint64_t ticks = elapsed(c, now_ns);

	switch (c->mode) {
	case TERMINAL_COUNT:
	case HARDWARE_ONE_SHOT:
		return c->running && ticks >= c->reload;
	case SQUARE_WAVE:
		return ticks % c->reload < (c->reload + 1) / 2;
	case RATE_GENERATOR:
		return ticks % c->reload != c->reload - 1;
	default:
		return ticks != c->reload;
	}
}

static void latch_count(struct i8254_channel *c, uint64_t now_ns)
{
	if (c->count_latched)
		return;
	c->latch = count_now(c, now_ns);
	c->count_latched = true;
}

static void latch_status(struct i8254_channel *c, uint64_t now_ns)
{
	if (c->status_latched)
		return;
	c->status = (uint8_t)(c->access << 4 | c->mode << 1 | c->bcd);
	if (output(c, now_ns))
		c->status |= STATUS_OUT;
	if (!c->running)
		c->status |= STATUS_NULL_COUNT;
	c->status_latched = true;
}

/* The first interrupt of channel 0 later than @now_ns. */
static void plan(struct i8254 *pit, uint64_t now_ns)
{
	const struct i8254_channel *c = &pit->channel[0];
	uint64_t periods = 1;

	pit->next_ns = I8254_NEVER;
	if (!c->running)
		return;
	if (is_periodic(c))
		periods = elapsed(c, now_ns) / c->reload + 1;
	else if (elapsed(c, now_ns) >= c->reload)
		return;
	pit->next_ns = c->start_ns + ns_from_ticks(periods * c->reload);
}

bool i8254_expire(struct i8254 *pit, uint64_t now_ns)
{
	if (now_ns < pit->next_ns)
		return false;
	plan(pit, now_ns);
	return true;
}

static void load(struct i8254 *pit, struct i8254_channel *c, uint32_t count,
	uint64_t now_ns)
{
	if (c->bcd)
		count = from_bcd(count);
	c->reload = count ? count : c->bcd ? 10000 : 65536;
	c->start_ns = now_ns;
	c->running = true;
	if (c == &pit->channel[0])
		plan(pit, now_ns);
}

static void write_count(struct i8254 *pit, struct i8254_channel *c,
	uint8_t value, uint64_t now_ns)
{
	switch (c->access) {
	case 1:
		load(pit, c, value, now_ns);
		break;
	case 2:
		load(pit, c, (uint32_t)value << 8, now_ns);
		break;
	default:
		if (c->write_high)
			load(pit, c, (uint32_t)value << 8 | c->low, now_ns);
		else
			c->low = value;
		c->write_high = !c->write_high;
		break;
	}
}

static uint8_t read_count(struct i8254_channel *c, uint64_t now_ns)
{
	uint16_t count;
	bool high = c->access == 2 || (c->access == 3 && c->read_high);

	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	count = c->count_latched ? c->latch : count_now(c, now_ns);
	if (c->access == 3)
		c->read_high = !c->read_high;
	/* A latch lasts until it was read as a whole. */
	if (c->access != 3 || !c->read_high)
		c->count_latched = false;
	return (uint8_t)(high ? count >> 8 : count);
}

static void read_back(struct i8254 *pit, uint8_t word, uint64_t now_ns)
{
	for (unsigned i = 0; i < 3; i++) {
		if (!(word & 2u << i))
			continue;
		if (!(word & READ_BACK_NO_COUNT))
			latch_count(&pit->channel[i], now_ns);
		if (!(word & READ_BACK_NO_STATUS))
			latch_status(&pit->channel[i], now_ns);
	}
}

static void write_control(struct i8254 *pit, uint8_t word, uint64_t now_ns)
{
	unsigned which = word >> 6;
	struct i8254_channel *c;

	if (which == READ_BACK) {
		read_back(pit, word, now_ns);
		return;
	}
	c = &pit->channel[which];
	if (!(word & 0x30)) {
		latch_count(c, now_ns);
		return;
	}
	c->access = word >> 4 & 3;
	c->mode = word >> 1 & 7;
	if (c->mode > HARDWARE_STROBE)
		c->mode &= 3; /* modes 2 and 3 ignore their top bit */
	c->bcd = word & 1;
	c->running = false;
	c->write_high = false;
	c->read_high = false;
	c->count_latched = false;
	c->status_latched = false;
	if (which == 0)
		plan(pit, now_ns);
}

static uint8_t read_port_b(struct i8254 *pit, uint64_t now_ns)
{
	uint8_t value = 0;

	if (pit->channel[2].gate)
		value |= PORT_B_GATE2;
	if (pit->speaker)
		value |= PORT_B_SPEAKER;
	if (output(&pit->channel[2], now_ns))
		value |= PORT_B_OUT2;
	/* Toggles with each memory refresh, every 15 us. */
	if (now_ns / 15000 & 1)
		value |= PORT_B_REFRESH;
	return value;
}

static void write_port_b(struct i8254 *pit, uint8_t value, uint64_t now_ns)
{
	struct i8254_channel *c = &pit->channel[2];
	bool gate = value & PORT_B_GATE2;

	/* Counting starts, in some modes again, when the gate opens. */
	if (gate && !c->gate)
		c->start_ns = now_ns;
	c->gate = gate;
	pit->speaker = value & PORT_B_SPEAKER;
}

void i8254_init(struct i8254 *pit)
{
	memset(pit, 0, sizeof(*pit));
	for (unsigned i = 0; i < 3; i++) {
		pit->channel[i].access = 3;
		pit->channel[i].reload = 65536;
		pit->channel[i].gate = i != 2;
	}
	pit->next_ns = I8254_NEVER;
}

uint8_t i8254_read(struct i8254 *pit, uint16_t port, uint64_t now_ns)
{
	if (port == PORT_B)
		return read_port_b(pit, now_ns);
	if (port == PORT_CONTROL)
		return 0xff;
	return read_count(&pit->channel[port & 3], now_ns);
}

void i8254_write(
	struct i8254 *pit, uint16_t port, uint8_t value, uint64_t now_ns)
{
	if (port == PORT_B)
		write_port_b(pit, value, now_ns);
	else if (port == PORT_CONTROL)
		write_control(pit, value, now_ns);
	else
		write_count(pit, &pit->channel[port & 3], value, now_ns);
}
