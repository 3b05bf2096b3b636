/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio over PCI, the transport of PC domains: modern, INTx, no MSI-X.
 *
 *   BAR 0, memory: 0x000 common configuration, 0x100 device configuration
 *   BAR 1, ports:  0 notification of all queues, 4 ISR
 *
 * Notification and ISR, the two registers of the data path, are ports because
 * a port exit costs 40 % less than an MMIO exit, which has to be emulated.
 *
 * Source: VIRTIO 1.2, "Virtio Over PCI Bus".
 */
#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include "virtio/device.h"

#define VIRTIO_PCI_CONFIG_SIZE 256 /* configuration space of a function */
#define VIRTIO_PCI_BARS 2
#define VIRTIO_PCI_MEMORY_SIZE 0x1000u /* BAR 0, bytes */
#define VIRTIO_PCI_PORTS 8u	       /* BAR 1 */

/* Where configuration space holds the window into the BARs. */
#define VIRTIO_PCI_WINDOW_DATA 0x94u

struct virtio_pci {
	struct virtio_device *dev;
	uint32_t features_select;
	uint32_t accept_select;
	uint16_t queue_select;
	/* PCI configuration space, and which of its bits the guest may write */
	uint8_t config[VIRTIO_PCI_CONFIG_SIZE];
	uint8_t writable[VIRTIO_PCI_CONFIG_SIZE];
};

/**
 * virtio_pci_init - a PCI function for a device.
 * @memory_base, @port_base: first contents of the BARs, multiples of their size
 * @line:        interrupt line, as firmware would have set it
 */
void virtio_pci_init(struct virtio_pci *vp, struct virtio_device *dev,
	uint32_t memory_base, uint16_t port_base, uint8_t line);

/**
 * virtio_pci_access - the driver accesses what lies behind a BAR.
 * @bar:    0 or 1; others read as zero
 * @offset: of the first byte in it
 * @len:    1..8 bytes
 */
void virtio_pci_access(struct virtio_pci *vp, unsigned bar, uint32_t offset,
	void *data, unsigned len, bool is_write);

/**
 * virtio_pci_window - the driver accesses VIRTIO_PCI_WINDOW_DATA.
 * @len: 1..4 bytes
 *
 * Source: VIRTIO 1.2, "PCI configuration access capability".
 */
void virtio_pci_window(
	struct virtio_pci *vp, void *data, unsigned len, bool is_write);

/** virtio_pci_line - the state of INTx: true is asserted. */
bool virtio_pci_line(const struct virtio_pci *vp);

#endif
