/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI bus 0 by configuration mechanism 1: a host bridge and virtio functions,
 * whose BARs decode MMIO and ports.
 *
 * Source: PCI Local Bus Specification 3.0, "Configuration Mechanism #1".
 */
#ifndef VMM_DEVICE_PCI_H
#define VMM_DEVICE_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "virtio/pci.h"

#define PCI_FUNCTIONS_MAX 10u

struct pci_bus {
	uint32_t address; /* what was written to port 0xcf8 */
	unsigned nr_functions;
	struct virtio_pci *function[PCI_FUNCTIONS_MAX]; /* device 1 + i */
};

/**
 * pci_add - put a device at the next slot, with BARs and INTx assigned.
 * @vp: initialised here; outlives the bus
 *
 * The caller adds at most PCI_FUNCTIONS_MAX.
 */
void pci_add(
	struct pci_bus *bus, struct virtio_pci *vp, struct virtio_device *dev);

/** pci_config - access to ports 0xcf8..0xcff; @len: 1, 2 or 4 bytes. */
void pci_config(struct pci_bus *bus, uint16_t port, void *data, unsigned len,
	bool is_write);

/** pci_mmio, pci_pio - false if no BAR decodes the address. */
bool pci_mmio(struct pci_bus *bus, uint64_t gpa, void *data, unsigned len,
	bool is_write);
bool pci_pio(struct pci_bus *bus, uint16_t port, void *data, unsigned len,
	bool is_write);

/** pci_lines - the i8259 inputs that INTx of any function asserts; a set. */
uint16_t pci_lines(const struct pci_bus *bus);

/** pci_irqs - the i8259 inputs that INTx is wired to; a set. */
uint16_t pci_irqs(void);

#endif
