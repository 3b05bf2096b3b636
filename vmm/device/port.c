/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which port belongs to which device.
 */
#include "vmm/device/platform.h"

#include <string.h>

#include "vmm/clock.h"

#define KEYBOARD_DATA 0x60
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_PULSE_RESET 0xfe
/*
 * Output full, input empty, for ever: a kernel that looks for a keyboard
 * controller gives up after 16 bytes, and one that wants to reset through it
 * need not wait.
 */
#define KEYBOARD_STATUS 0x01

#define RESET_CONTROL 0xcf9
#define RESET_CPU 0x04u

static uint8_t keyboard(
	struct machine *m, uint16_t port, uint8_t value, bool is_write)
{
	if (!is_write)
		return port == KEYBOARD_COMMAND ? KEYBOARD_STATUS : 0xff;
	if (port == KEYBOARD_COMMAND && value == KEYBOARD_PULSE_RESET)
		m->request = MACHINE_RESET;
	return 0;
}

static void exit_port(struct machine *m, uint8_t value)
{
	m->request = MACHINE_STOP;
	m->exit_status = value;
}

/* A read of a port that nobody decodes leaves @value as it is. */
static bool pc_byte(
	struct machine *m, uint16_t port, uint8_t *value, bool is_write)
{
	switch (port) {
	case 0x20:
	case 0x21:
	case 0xa0:
	case 0xa1:
	case 0x4d0:
	case 0x4d1:
		if (is_write)
			i8259_write(&m->pic, port, *value);
		else
			*value = i8259_read(&m->pic, port);
		return true;
	case 0x40:
	case 0x41:
	case 0x42:
	case 0x43:
	case 0x61:
		if (is_write)
			i8254_write(&m->pit, port, *value, clock_ns());
		else
			*value = i8254_read(&m->pit, port, clock_ns());
		return true;
	case 0x70:
	case 0x71:
		if (is_write)
			mc146818_write(&m->rtc, port, *value);
		else
			*value = mc146818_read(&m->rtc, port, clock_ns());
		return true;
	case KEYBOARD_DATA:
	case KEYBOARD_COMMAND:
		*value = keyboard(m, port, *value, is_write);
		return true;
	case MACHINE_EXIT_PORT:
		if (is_write)
			exit_port(m, *value);
		return is_write;
	default:
		return false;
	}
}

static bool byte_access(
	struct machine *m, uint16_t port, uint8_t *value, bool is_write)
{
	if ((m->flags & MACHINE_SERIAL) && port >= MACHINE_COM1 &&
		port < MACHINE_COM1 + NS16550_PORTS) {
		if (is_write)
			ns16550_write(&m->uart, port - MACHINE_COM1, *value);
		else
			*value = ns16550_read(&m->uart, port - MACHINE_COM1);
		return true;
	}
	return m->kind == MACHINE_PC && pc_byte(m, port, value, is_write);
}

bool port_access(struct machine *m, uint16_t port, void *data, unsigned len,
	bool is_write)
{
	uint8_t *bytes = data;
	bool found = false;

	if (m->kind == MACHINE_PC) {
		if (port == RESET_CONTROL && len == 1) {
			if (is_write && (*bytes & RESET_CPU))
				m->request = MACHINE_RESET;
			if (!is_write)
				*bytes = 0;
			return true;
		}
		if (port >= 0xcf8 && port <= 0xcff) {
			pci_config(&m->pci, port, data, len, is_write);
			return true;
		}
		if (pci_pio(&m->pci, port, data, len, is_write))
			return true;
	}

	/* The other devices are 8 bits wide: the bus splits an access. */
	if (!is_write)
		memset(data, 0xff, len);
	for (unsigned i = 0; i < len; i++)
		found |= byte_access(
			m, (uint16_t)(port + i), &bytes[i], is_write);
	return found;
}
