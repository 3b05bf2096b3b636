/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of a machine, shared by machine.c (life, work, MMIO) and port.c
 * (which port belongs to which device).
 */
#ifndef VMM_DEVICE_PLATFORM_H
#define VMM_DEVICE_PLATFORM_H

#include "virtio/balloon.h"
#include "virtio/blk.h"
#include "virtio/console.h"
#include "virtio/mmio.h"
#include "virtio/net.h"
#include "virtio/rng.h"
#include "vmm/device/i8254.h"
#include "vmm/device/i8259.h"
#include "vmm/device/machine.h"
#include "vmm/device/mc146818.h"
#include "vmm/device/ns16550.h"
#include "vmm/device/pci.h"

#define INPUT_SIZE 256u /* bytes typed and not yet taken by a device */

struct machine {
	enum machine_kind kind;
	unsigned flags; /* MACHINE_* */
	struct console *console;
	enum machine_request request;
	uint8_t exit_status;

	struct ns16550 uart;
	/* PC */
	struct i8259 pic;
	struct i8254 pit;
	struct mc146818 rtc;
	struct pci_bus pci;
	struct virtio_pci function[MACHINE_DEVICES_MAX];
	/* L4 */
	struct virtio_mmio window[MACHINE_DEVICES_MAX];

	/* All virtio devices in their order, and which they are. */
	unsigned nr_devices;
	struct virtio_device *device[MACHINE_DEVICES_MAX];
	unsigned nr_disks;
	struct block *image[MACHINE_DISKS_MAX];
	struct virtio_blk *disk[MACHINE_DISKS_MAX];
	unsigned nr_nets;
	struct net *network[MACHINE_NETS_MAX];
	struct virtio_net *net[MACHINE_NETS_MAX];
	struct virtio_console *hvc;	/* or NULL */
	struct virtio_rng *rng;		/* or NULL */
	struct virtio_balloon *balloon; /* or NULL */
	uint32_t balloon_wanted;	/* pages */

	uint8_t input[INPUT_SIZE];
	unsigned nr_input;
};

/**
 * port_access - one access of @len bytes (1, 2, 4) to @port.
 *
 * Returns false if nobody decodes it; a read then gives all ones.
 */
bool port_access(struct machine *m, uint16_t port, void *data, unsigned len,
	bool is_write);

#endif
