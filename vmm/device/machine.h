/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine around one vCPU: the devices of a domain, and where its port and
 * memory-mapped accesses go.
 *
 * Two kinds.  L4: ns16550 at COM1 and virtio-mmio devices, whose interrupts
 * are notifications.  PC: what a stock Linux kernel needs without ACPI and
 * APIC: i8259 pair, i8254, mc146818, ns16550, PCI configuration mechanism 1,
 * virtio-pci devices with INTx.
 *
 * Called by the domain's executor only, but for create and destroy, which may
 * block and belong to a helper thread.  Nothing else here blocks: files are
 * read and written by a worker (vmm/blockio.h), networks are waited for by a
 * thread (vmm/netio.h), text is printed by the console thread; all write the
 * domain's wake_fd when there is something for machine_poll().  Each call is bounded: MACHINE_COPY_MAX bytes copied and
 * MACHINE_DESCRIPTORS_MAX descriptors looked at.
 *
 * Time is that of clock_ns() (vmm/clock.h).
 */
#ifndef VMM_DEVICE_MACHINE_H
#define VMM_DEVICE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/blk.h"
#include "virtio/guestmem.h"
#include "virtio/net.h"
#include "vmm/abi/boot.h"
#include "vmm/console.h"
#include "vmm/ioorder.h"
#include "vmm/netio.h"

#define MACHINE_DISKS_MAX 8
#define MACHINE_NETS_MAX 4
#define MACHINE_DEVICES_MAX 15 /* disks, nets, console, rng, balloon */
#define MACHINE_SEED_SIZE 32   /* bytes */

#define MACHINE_COPY_MAX 65536
#define MACHINE_DESCRIPTORS_MAX 64

/* virtio-mmio device i of an L4 machine. */
#define MACHINE_MMIO_GPA(i) (BOOT_DEVICE_BASE + UINT64_C(0x1000) * (i))
#define MACHINE_MMIO_IRQ(i) (16u + (i))

#define MACHINE_COM1 0x3f8

struct machine;

enum machine_kind {
	MACHINE_L4 = 1,
	MACHINE_PC = 2,
};

/* Values of machine_config.flags. */
#define MACHINE_SERIAL 1u	  /* ns16550 at COM1 */
#define MACHINE_VIRTIO_CONSOLE 2u /* port 0 is the console */
#define MACHINE_RNG 4u
#define MACHINE_BALLOON 8u
#define MACHINE_REPORTING 16u /* the balloon: free pages as well */

struct machine_disk {
	const char *path;
	const char *serial; /* up to 20 characters, or NULL */
	bool read_only;
	bool direct; /* past the host's page cache, if the store can */
	struct virtio_blk_rates rates;
};

struct machine_net {
	struct net_config network;
	uint8_t mac[VIRTIO_NET_MAC_SIZE];
	struct limit_rate outbound[LIMIT_BUCKETS]; /* bytes from the guest */
	struct limit_rate inbound[LIMIT_BUCKETS];
};

/* What its devices have moved, all in all. */
struct machine_io {
	struct virtio_blk_counts disk_read;
	struct virtio_blk_counts disk_written;
	struct virtio_net_counts net_sent;
	struct virtio_net_counts net_received;
};

struct machine_config {
	enum machine_kind kind;
	const char *name;     /* the domain's, for error texts */
	struct guestmem *mem; /* outlives the machine */
	const struct machine_disk *disks;
	unsigned nr_disks; /* 0..MACHINE_DISKS_MAX */
	const struct machine_net *nets;
	unsigned nr_nets; /* 0..MACHINE_NETS_MAX */
	unsigned flags;	  /* MACHINE_* */
	int wake_fd;	  /* eventfd, written when machine_poll() has work */
	const struct io_order *order; /* outlives it; NULL: see block_open() */
	struct console *console; /* outlives the machine; NULL: no output */
	const uint8_t *seed; /* MACHINE_SEED_SIZE bytes; NULL: getrandom(2) */
};

struct machine_error {
	char text[256]; /* one line: which file or part, and why */
};

/**
 * machine_create - make the devices of a domain.
 * @machine: OUT
 * @config:  read during the call only, but for mem and console
 * @error:   OUT, set if the result is not 0
 *
 * Returns 0 or -EINVAL (too many disks or nets, an image that is empty or
 * not a multiple of 512 bytes), -EACCES or -EROFS (an image that may not be
 * written and is not read_only), or the -errno of opening an image or a
 * network.
 */
NODISCARD int machine_create(struct machine **machine,
	const struct machine_config *config, struct machine_error *error);

/**
 * machine_finish - carry out what the guest, which runs no more, has told its
 * disks of; its memory is still there.
 */
void machine_finish(struct machine *m);

/**
 * machine_destroy - end all I/O and free the machine.  Waits for the worker.
 */
void machine_destroy(struct machine *m);

/**
 * machine_pio - the guest accessed a port (KVM_EXIT_IO).
 * @size:  1, 2 or 4 bytes an access
 * @count: accesses to the same port (string instructions)
 * @data:  @size * @count bytes; read by the guest: filled here
 *
 * Ports that nobody decodes read all ones.  Returns false for them.
 */
bool machine_pio(struct machine *m, uint16_t port, unsigned size,
	unsigned count, void *data, bool is_write);

/**
 * machine_mmio - the guest accessed an address without RAM (KVM_EXIT_MMIO).
 * @len: 1..8 bytes
 *
 * Returns false, and all ones for a read, if there is no device at @gpa.
 */
bool machine_mmio(struct machine *m, uint64_t gpa, void *data, unsigned len,
	bool is_write);

/**
 * machine_worked_ns - CPU time that others have spent for its I/O, all in all:
 * the worker for its disks, hyperhurd-net for its networks.
 */
uint64_t machine_worked_ns(const struct machine *m);

/** machine_io - what disks and networks have moved since their creation. */
void machine_io(const struct machine *m, struct machine_io *io);

/**
 * machine_next_timer - when machine_run_timers() has work: ns, or UINT64_MAX.
 */
uint64_t machine_next_timer(const struct machine *m);

/**
 * machine_run_timers - bring timers up to @now_ns.
 *
 * However late the call is, a periodic timer raises its interrupt once: ticks
 * that were missed while the domain did not run are dropped.  Devices that a
 * limit has stopped have work again.
 */
void machine_run_timers(struct machine *m, uint64_t now_ns);

/**
 * machine_poll - take completions and input, go on with queued work.
 *
 * To be called when wake_fd was written, and again (other domains may run in
 * between) as long as it returns true.  After machine_pio() or machine_mmio()
 * machine_has_work() tells whether a call is due.
 */
bool machine_poll(struct machine *m);

/** machine_has_work - true if machine_poll() has work now.  Cheap. */
bool machine_has_work(const struct machine *m);

/** machine_irq_pending - PC: the i8259 requests an interrupt.  Cheap. */
bool machine_irq_pending(const struct machine *m);

/**
 * machine_irq_take - PC: acknowledge as the CPU does.
 *
 * To be called only when the vCPU takes the interrupt now.  Returns the vector,
 * 0..255, or -1 if nothing is pending.
 */
int machine_irq_take(struct machine *m);

/**
 * machine_take_notifications - L4: interrupts that devices raised since.
 *
 * Returns the set: bit n is interrupt n, to be raised once.
 */
uint64_t machine_take_notifications(struct machine *m);

/**
 * machine_console_input - bytes for the console, from whoever types.
 *
 * They go to a virtio console that the driver uses, else to COM1.
 */
void machine_console_input(struct machine *m, const void *bytes, size_t n);

/**
 * machine_set_balloon - how many pages of 4 KiB the guest shall give back.
 *
 * machine_poll() tells the guest.  Returns 0, or -ENODEV without a balloon.
 */
NODISCARD int machine_set_balloon(struct machine *m, uint32_t pages);

/**
 * machine_balloon - how many pages the balloon holds; 0 without one.
 * @reported: OUT, free pages that were given back besides, all in all
 */
uint32_t machine_balloon(const struct machine *m, uint64_t *reported);

/* What the guest asked of the one who runs it. */
enum machine_request {
	MACHINE_GO_ON = 0,
	MACHINE_RESET = 1, /* keyboard controller or port 0xcf9 */
	MACHINE_STOP = 2,  /* exit port; with a status */
};

/* PC: a byte written here ends the domain with that status. */
#define MACHINE_EXIT_PORT 0xf4

/**
 * machine_request - what the guest asked for; MACHINE_GO_ON: nothing.
 * @status: OUT for MACHINE_STOP: 0..255
 *
 * Cheap; to be looked at after each machine_pio().
 */
enum machine_request machine_request(const struct machine *m, int *status);

/* A device as L4 boot information tells it. */
struct machine_device {
	uint64_t gpa;
	uint32_t irq;
	uint32_t virtio_id; /* VIRTIO_ID_* of linux/virtio_ids.h */
};

/**
 * machine_devices - the virtio devices of an L4 machine.
 * @devices: OUT, room for MACHINE_DEVICES_MAX
 *
 * Returns how many there are: the disks in their order, console, rng,
 * balloon.
 */
unsigned machine_devices(
	const struct machine *m, struct machine_device *devices);

#endif
