/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ns16550A at COM1.
 */
#include "vmm/device/ns16550.h"

#include <linux/serial_reg.h>
#include <string.h>

#include "virtio/backend.h"

#define MCR_OUT_MASK 0x1fu

void ns16550_init(struct ns16550 *uart, struct console *console)
{
	memset(uart, 0, sizeof(*uart));
	uart->console = console;
	uart->divisor = 12; /* 9600 baud, as after reset of a PC */
}

size_t ns16550_room(const struct ns16550 *uart)
{
	/* Nobody listens on a looped-back line. */
	if (uart->mcr & UART_MCR_LOOP)
		return 0;
	return NS16550_FIFO - uart->count;
}

static void receive_byte(struct ns16550 *uart, uint8_t byte)
{
	if (uart->count == NS16550_FIFO) {
		uart->overrun = true;
		return;
	}
	uart->fifo[(uart->head + uart->count++) % NS16550_FIFO] = byte;
}

void ns16550_receive(struct ns16550 *uart, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		receive_byte(uart, p[i]);
}

/* The interrupt identification of highest priority. */
static uint8_t identify(const struct ns16550 *uart)
{
	if ((uart->ier & UART_IER_RLSI) && uart->overrun)
		return UART_IIR_RLSI;
	if ((uart->ier & UART_IER_RDI) && uart->count)
		return UART_IIR_RDI;
	if ((uart->ier & UART_IER_THRI) && uart->tx_interrupt)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

bool ns16550_line(const struct ns16550 *uart)
{
	return identify(uart) != UART_IIR_NO_INT;
}

static uint8_t read_data(struct ns16550 *uart)
{
	uint8_t byte;

	if (uart->count == 0)
		return 0;
	byte = uart->fifo[uart->head];
	uart->head = (uart->head + 1) % NS16550_FIFO;
	uart->count--;
	return byte;
}

static uint8_t read_iir(struct ns16550 *uart)
{
	uint8_t iir = identify(uart);

	if (iir == UART_IIR_THRI)
		uart->tx_interrupt = false;
	if (uart->fcr & UART_FCR_ENABLE_FIFO)
		iir |= 0xc0;
	return iir;
}

static uint8_t read_lsr(struct ns16550 *uart)
{
	uint8_t lsr = UART_LSR_THRE | UART_LSR_TEMT;

	if (uart->count)
		lsr |= UART_LSR_DR;
	if (uart->overrun)
		lsr |= UART_LSR_OE;
	uart->overrun = false;
	return lsr;
}

static uint8_t read_msr(const struct ns16550 *uart)
{
	uint8_t msr = 0;

	if (!(uart->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	/* Looped back, the outputs appear as inputs. */
	if (uart->mcr & UART_MCR_RTS)
		msr |= UART_MSR_CTS;
	if (uart->mcr & UART_MCR_DTR)
		msr |= UART_MSR_DSR;
	if (uart->mcr & UART_MCR_OUT1)
		msr |= UART_MSR_RI;
	if (uart->mcr & UART_MCR_OUT2)
		msr |= UART_MSR_DCD;
	return msr;
}

uint8_t ns16550_read(struct ns16550 *uart, unsigned reg)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_RX:
		return dlab ? (uint8_t)uart->divisor : read_data(uart);
	case UART_IER:
		return dlab ? (uint8_t)(uart->divisor >> 8) : uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return read_msr(uart);
	default:
		return uart->scratch;
	}
}

static void transmit(struct ns16550 *uart, uint8_t byte)
{
	if (uart->mcr & UART_MCR_LOOP)
		receive_byte(uart, byte);
	else if (uart->console)
		console_write(uart->console, &byte, 1);
	uart->tx_interrupt = true;
}

static void write_ier(struct ns16550 *uart, uint8_t value)
{
	/* Enabling it while the transmitter is empty interrupts at once. */
	if ((value & UART_IER_THRI) && !(uart->ier & UART_IER_THRI))
		uart->tx_interrupt = true;
	uart->ier = value & 0x0f;
}

static void write_fcr(struct ns16550 *uart, uint8_t value)
{
	if ((value ^ uart->fcr) & UART_FCR_ENABLE_FIFO)
		value |= UART_FCR_CLEAR_RCVR;
	if (value & UART_FCR_CLEAR_RCVR)
		uart->count = 0;
	uart->fcr = value;
}

void ns16550_write(struct ns16550 *uart, unsigned reg, uint8_t value)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (dlab)
			uart->divisor =
				(uint16_t)((uart->divisor & 0xff00) | value);
		else
			transmit(uart, value);
		break;
	case UART_IER:
		if (dlab)
			uart->divisor =
				(uint16_t)((uart->divisor & 0xff) | value << 8);
		else
			write_ier(uart, value);
		break;
	case UART_FCR:
		write_fcr(uart, value);
		break;
	case UART_LCR:
		uart->lcr = value;
		break;
	case UART_MCR:
		uart->mcr = value & MCR_OUT_MASK;
		break;
	case UART_SCR:
		uart->scratch = value;
		break;
	default:
		break; /* LSR, MSR: read only */
	}
}
