/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI bus 0 by configuration mechanism 1.
 */
#include "vmm/device/pci.h"

#include <linux/pci_regs.h>
#include <string.h>

#define ADDRESS_ENABLE 0x80000000u
#define ADDRESS_PORT 0xcf8
#define DATA_PORT 0xcfc

#define MEMORY_BASE 0xe0000000u
#define PORT_BASE 0xc000u
#define PORT_STRIDE 0x20u

/* Inputs of the i8259 that no other device of a PC uses. */
static const uint8_t irq_of_slot[] = {10, 11, 5, 9};
#define NR_IRQS (sizeof(irq_of_slot) / sizeof(irq_of_slot[0]))

/* 82441FX; what makes kernels believe in mechanism 1 is the class. */
static const uint8_t host_bridge[VIRTIO_PCI_CONFIG_SIZE] = {
	[PCI_VENDOR_ID] = 0x86,
	0x80,
	[PCI_DEVICE_ID] = 0x37,
	0x12,
	[PCI_CLASS_DEVICE] = 0x00,
	0x06,
};

static uint8_t irq_of(unsigned i)
{
	return irq_of_slot[i % NR_IRQS];
}

void pci_add(
	struct pci_bus *bus, struct virtio_pci *vp, struct virtio_device *dev)
{
	unsigned i = bus->nr_functions++;

	virtio_pci_init(vp, dev, MEMORY_BASE + i * VIRTIO_PCI_MEMORY_SIZE,
		(uint16_t)(PORT_BASE + i * PORT_STRIDE), irq_of(i));
	bus->function[i] = vp;
}

static void config_read(struct pci_bus *bus, unsigned slot, unsigned reg,
	void *data, unsigned len)
{
	const uint8_t *config = host_bridge;

	if (slot > bus->nr_functions) {
		memset(data, 0xff, len);
		return;
	}
	if (slot > 0)
		config = bus->function[slot - 1]->config;
	memcpy(data, config + reg, len);
	if (slot > 0 && reg == VIRTIO_PCI_WINDOW_DATA)
		virtio_pci_window(bus->function[slot - 1], data, len, false);
}

static void config_write(struct pci_bus *bus, unsigned slot, unsigned reg,
	void *data, unsigned len)
{
	const uint8_t *value = data;
	struct virtio_pci *vp;

	if (slot == 0 || slot > bus->nr_functions)
		return;
	vp = bus->function[slot - 1];
	if (reg == VIRTIO_PCI_WINDOW_DATA) {
		virtio_pci_window(vp, data, len, true);
		return;
	}
	for (unsigned i = 0; i < len; i++) {
		uint8_t mask = vp->writable[reg + i];

		vp->config[reg + i] = (uint8_t)((vp->config[reg + i] & ~mask) |
						(value[i] & mask));
	}
}

static void data_access(struct pci_bus *bus, unsigned byte, void *data,
	unsigned len, bool is_write)
{
	uint32_t a = bus->address;
	unsigned slot = a >> 11 & 31;
	unsigned reg = (a & 0xfc) + byte;
	bool here = (a & ADDRESS_ENABLE) && (a >> 16 & 0xff) == 0 &&
		    (a >> 8 & 7) == 0;

	if (byte + len > 4)
		here = false;
	if (!here && !is_write)
		memset(data, 0xff, len);
	else if (here && is_write)
		config_write(bus, slot, reg, data, len);
	else if (here)
		config_read(bus, slot, reg, data, len);
}

void pci_config(struct pci_bus *bus, uint16_t port, void *data, unsigned len,
	bool is_write)
{
	if (port >= DATA_PORT) {
		data_access(bus, port - DATA_PORT, data, len, is_write);
	} else if (port == ADDRESS_PORT && len == sizeof(bus->address)) {
		if (is_write)
			memcpy(&bus->address, data, len);
		else
			memcpy(data, &bus->address, len);
	} else if (!is_write) {
		memset(data, 0xff, len);
	}
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static bool decodes(const struct virtio_pci *vp, unsigned command_bit)
{
	return vp->config[PCI_COMMAND] & command_bit;
}

bool pci_mmio(struct pci_bus *bus, uint64_t gpa, void *data, unsigned len,
	bool is_write)
{
	for (unsigned i = 0; i < bus->nr_functions; i++) {
		struct virtio_pci *vp = bus->function[i];
		uint64_t base = get32(vp->config + PCI_BASE_ADDRESS_0);

		if (!decodes(vp, PCI_COMMAND_MEMORY) || gpa < base ||
			gpa - base >= VIRTIO_PCI_MEMORY_SIZE)
			continue;
		virtio_pci_access(
			vp, 0, (uint32_t)(gpa - base), data, len, is_write);
		return true;
	}
	return false;
}

bool pci_pio(struct pci_bus *bus, uint16_t port, void *data, unsigned len,
	bool is_write)
{
	for (unsigned i = 0; i < bus->nr_functions; i++) {
		struct virtio_pci *vp = bus->function[i];
		uint32_t base = get32(vp->config + PCI_BASE_ADDRESS_1) &
				(uint32_t)PCI_BASE_ADDRESS_IO_MASK;

		if (!decodes(vp, PCI_COMMAND_IO) || port < base ||
			port - base >= VIRTIO_PCI_PORTS)
			continue;
		virtio_pci_access(vp, 1, port - base, data, len, is_write);
		return true;
	}
	return false;
}

uint16_t pci_lines(const struct pci_bus *bus)
{
	unsigned lines = 0;

	for (unsigned i = 0; i < bus->nr_functions; i++)
		if (virtio_pci_line(bus->function[i]))
			lines |= 1u << irq_of(i);
	return (uint16_t)lines;
}

uint16_t pci_irqs(void)
{
	unsigned set = 0;

	for (unsigned i = 0; i < NR_IRQS; i++)
		set |= 1u << irq_of_slot[i];
	return (uint16_t)set;
}
