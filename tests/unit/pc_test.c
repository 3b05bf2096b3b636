/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PC's chips: interrupt controllers, timer, UART, clock.
 */
/* link: vmm/device/i8259.c vmm/device/i8254.c vmm/device/ns16550.c vmm/device/mc146818.c */
#include <linux/serial_reg.h>
#include <string.h>

#include "tests/tap.h"
#include "virtio/backend.h"
#include "vmm/device/i8254.h"
#include "vmm/device/i8259.h"
#include "vmm/device/mc146818.h"
#include "vmm/device/ns16550.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

static char printed[64];
static size_t nr_printed;

void console_write(struct console *con, const void *bytes, size_t len)
{
	(void)con;
	if (nr_printed + len < sizeof(printed)) {
		memcpy(printed + nr_printed, bytes, len);
		nr_printed += len;
	}
}

/* As Linux initialises them: vectors from 0x30 and 0x38. */
static void start_pic(struct i8259 *pic)
{
	static const uint8_t first[] = {0x30, 0x04, 0x01};
	static const uint8_t second[] = {0x38, 0x02, 0x01};

	i8259_init(pic);
	i8259_write(pic, 0x20, 0x11);
	i8259_write(pic, 0xa0, 0x11);
	for (unsigned i = 0; i < 3; i++) {
		i8259_write(pic, 0x21, first[i]);
		i8259_write(pic, 0xa1, second[i]);
	}
	i8259_write(pic, 0x21, 0);
	i8259_write(pic, 0xa1, 0);
}

static void end_second(struct i8259 *pic, unsigned input)
{
	i8259_write(pic, 0xa0, (uint8_t)(0x60 | input));
	i8259_write(pic, 0x20, 0x62);
}

TEST(an_edge_interrupts_once)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_pulse(&pic, 0);
	CHECK(pic.output);
	CHECK_EQ(i8259_acknowledge(&pic), 0x30);
	CHECK(!pic.output);
	i8259_write(&pic, 0x20, 0x60);
	CHECK(!pic.output);
}

TEST(two_edges_before_the_handler_are_one)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_pulse(&pic, 0);
	i8259_pulse(&pic, 0);
	i8259_acknowledge(&pic);
	i8259_write(&pic, 0x20, 0x60);
	CHECK(!pic.output);
}

TEST(a_level_interrupts_as_long_as_it_lasts)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_set_level(&pic, 10);
	i8259_set_line(&pic, 10, true);
	CHECK_EQ(i8259_acknowledge(&pic), 0x3a);
	CHECK(!pic.output);
	end_second(&pic, 2);
	CHECK(pic.output);
	CHECK_EQ(i8259_acknowledge(&pic), 0x3a);
	i8259_set_line(&pic, 10, false);
	end_second(&pic, 2);
	CHECK(!pic.output);
}

TEST(the_mask_holds_an_interrupt_back)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_write(&pic, 0x21, 0x01);
	i8259_pulse(&pic, 0);
	CHECK(!pic.output);
	i8259_write(&pic, 0x21, 0x00);
	CHECK(pic.output);
}

TEST(a_higher_priority_interrupts_a_handler_and_a_lower_waits)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_pulse(&pic, 4);
	CHECK_EQ(i8259_acknowledge(&pic), 0x34);
	i8259_pulse(&pic, 5);
	CHECK(!pic.output);
	i8259_pulse(&pic, 0);
	CHECK_EQ(i8259_acknowledge(&pic), 0x30);
	i8259_write(&pic, 0x20, 0x60);
	i8259_write(&pic, 0x20, 0x64);
	CHECK_EQ(i8259_acknowledge(&pic), 0x35);
}

TEST(the_second_chip_delivers_one_after_the_other)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_pulse(&pic, 10);
	i8259_pulse(&pic, 11);
	CHECK_EQ(i8259_acknowledge(&pic), 0x3a);
	CHECK(!pic.output);
	end_second(&pic, 2);
	CHECK(pic.output);
	CHECK_EQ(i8259_acknowledge(&pic), 0x3b);
	end_second(&pic, 3);
	CHECK(!pic.output);
}

TEST(a_level_that_went_away_is_spurious)
{
	struct i8259 pic;

	start_pic(&pic);
	i8259_set_level(&pic, 5);
	i8259_set_line(&pic, 5, true);
	i8259_set_line(&pic, 5, false);
	CHECK(!pic.output);
	CHECK_EQ(i8259_acknowledge(&pic), 0x37);
}

static void program(
	struct i8254 *pit, uint8_t control, uint32_t count, uint64_t now_ns)
{
	i8254_write(pit, 0x43, control, now_ns);
	i8254_write(pit, 0x40, (uint8_t)count, now_ns);
	i8254_write(pit, 0x40, (uint8_t)(count >> 8), now_ns);
}

TEST(a_one_shot_fires_once)
{
	struct i8254 pit;

	i8254_init(&pit);
	CHECK_EQ(pit.next_ns, I8254_NEVER);
	program(&pit, 0x38, 11932, 5 * S); /* 10 ms */
	CHECK(!i8254_expire(&pit, 5 * S + 9 * MS));
	CHECK(pit.next_ns >= 5 * S + 10 * MS);
	CHECK(pit.next_ns < 5 * S + 11 * MS);
	CHECK(i8254_expire(&pit, pit.next_ns));
	CHECK_EQ(pit.next_ns, I8254_NEVER);
	CHECK(!i8254_expire(&pit, 6 * S));
}

TEST(missed_ticks_are_dropped_and_the_beat_is_kept)
{
	struct i8254 pit;
	uint64_t first;
	unsigned fired = 0;

	i8254_init(&pit);
	program(&pit, 0x34, 11932, 0); /* every 10 ms */
	first = pit.next_ns;
	/* The domain is stopped for 70 ms: seven ticks. */
	for (uint64_t now = first + 70 * MS; i8254_expire(&pit, now);)
		fired++;
	CHECK_EQ(fired, 1);
	CHECK(pit.next_ns > first + 70 * MS);
	CHECK(pit.next_ns <= first + 80 * MS + 10000);
	/* No drift in a million ticks: 11932 ticks each. */
	for (unsigned i = 0; i < 1000000; i++)
		i8254_expire(&pit, pit.next_ns);
	CHECK_EQ((pit.next_ns + 500 * MS) / S, 1000000u * 11932ull / 1193182u);
}

TEST(the_counter_can_be_latched)
{
	struct i8254 pit;
	unsigned count;

	i8254_init(&pit);
	program(&pit, 0x34, 11932, 0);
	i8254_write(&pit, 0x43, 0x00, 5 * MS);
	count = i8254_read(&pit, 0x40, 7 * MS);
	count |= (unsigned)i8254_read(&pit, 0x40, 8 * MS) << 8;
	CHECK_EQ(count, 11932 - 5965);
}

TEST(channel_2_calibrates)
{
	struct i8254 pit;

	i8254_init(&pit);
	i8254_write(&pit, 0x61, 0x01, 0);
	i8254_write(&pit, 0x43, 0xb0, 0);
	i8254_write(&pit, 0x42, 0x9c, 0);
	i8254_write(&pit, 0x42, 0x2e, 0); /* 11932: 10 ms */
	CHECK(!(i8254_read(&pit, 0x61, 9 * MS) & 0x20));
	CHECK(i8254_read(&pit, 0x61, 11 * MS) & 0x20);
}

TEST(what_is_written_to_the_uart_is_printed)
{
	struct ns16550 uart;

	ns16550_init(&uart, (struct console *)printed);
	nr_printed = 0;
	ns16550_write(&uart, UART_TX, 'h');
	ns16550_write(&uart, UART_TX, 'i');
	CHECK_EQ(nr_printed, 2);
	CHECK(memcmp(printed, "hi", 2) == 0);
	CHECK(ns16550_read(&uart, UART_LSR) & UART_LSR_THRE);
}

TEST(the_uart_interrupts_for_input_and_an_empty_transmitter)
{
	struct ns16550 uart;

	ns16550_init(&uart, NULL);
	CHECK(!ns16550_line(&uart));
	ns16550_write(&uart, UART_IER, UART_IER_THRI | UART_IER_RDI);
	CHECK(ns16550_line(&uart));
	CHECK_EQ(ns16550_read(&uart, UART_IIR), UART_IIR_THRI);
	CHECK(!ns16550_line(&uart));
	ns16550_receive(&uart, "x", 1);
	CHECK_EQ(ns16550_read(&uart, UART_IIR), UART_IIR_RDI);
	CHECK_EQ(ns16550_read(&uart, UART_RX), 'x');
	CHECK(!ns16550_line(&uart));
}

TEST(input_beyond_the_fifo_is_lost_and_told)
{
	struct ns16550 uart;
	char many[NS16550_FIFO + 1] = {0};

	ns16550_init(&uart, NULL);
	CHECK_EQ(ns16550_room(&uart), NS16550_FIFO);
	ns16550_receive(&uart, many, sizeof(many));
	CHECK_EQ(ns16550_room(&uart), 0);
	CHECK(ns16550_read(&uart, UART_LSR) & UART_LSR_OE);
}

static unsigned rtc(struct mc146818 *clock, uint8_t index, uint64_t now_ns)
{
	mc146818_write(clock, 0x70, index);
	return mc146818_read(clock, 0x71, now_ns);
}

TEST(the_clock_shows_the_date)
{
	struct mc146818 clock;
	uint64_t now = 100 * S;

	/* 2024-02-29 23:59:58, a Thursday */
	mc146818_init(&clock, 1709251198, now);
	CHECK_EQ(rtc(&clock, 0, now), 0x58);
	CHECK_EQ(rtc(&clock, 4, now), 0x23);
	CHECK_EQ(rtc(&clock, 6, now), 5);
	CHECK_EQ(rtc(&clock, 7, now), 0x29);
	CHECK_EQ(rtc(&clock, 8, now), 0x02);
	CHECK_EQ(rtc(&clock, 9, now), 0x24);
	CHECK_EQ(rtc(&clock, 0x32, now), 0x20);
	now += 2 * S;
	CHECK_EQ(rtc(&clock, 0, now), 0);
	CHECK_EQ(rtc(&clock, 7, now), 0x01);
	CHECK_EQ(rtc(&clock, 8, now), 0x03);
}

TAP_MAIN(CASE(an_edge_interrupts_once),
	CASE(two_edges_before_the_handler_are_one),
	CASE(a_level_interrupts_as_long_as_it_lasts),
	CASE(the_mask_holds_an_interrupt_back),
	CASE(a_higher_priority_interrupts_a_handler_and_a_lower_waits),
	CASE(the_second_chip_delivers_one_after_the_other),
	CASE(a_level_that_went_away_is_spurious), CASE(a_one_shot_fires_once),
	CASE(missed_ticks_are_dropped_and_the_beat_is_kept),
	CASE(the_counter_can_be_latched), CASE(channel_2_calibrates),
	CASE(what_is_written_to_the_uart_is_printed),
	CASE(the_uart_interrupts_for_input_and_an_empty_transmitter),
	CASE(input_beyond_the_fifo_is_lost_and_told),
	CASE(the_clock_shows_the_date))
