/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine around one vCPU: its life, its work, its interrupts.
 */
#include "vmm/device/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "vmm/blockio.h"
#include "vmm/clock.h"
#include "vmm/device/platform.h"

/* 2026-01-01 00:00:00 UTC: the date of every run that is to repeat. */
#define FIXED_DATE_S INT64_C(1767225600)

__attribute__((format(printf, 2, 3))) static void say(
	struct machine_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
}

static void add_device(struct machine *m, struct virtio_device *dev)
{
	unsigned i = m->nr_devices++;

	m->device[i] = dev;
	if (m->kind == MACHINE_PC)
		pci_add(&m->pci, &m->function[i], dev);
	else
		m->window[i].dev = dev;
}

static const char *why_no_image(int err, const struct machine_disk *disk)
{
	switch (err) {
	case -EINVAL:
		return "not a raw image: it must be a file or block device "
		       "of one or more whole 512-byte sectors";
	case -EACCES:
	case -EROFS:
	case -EPERM:
		if (!disk->read_only)
			return "may not be written; make it writable or give "
			       "the disk <readonly/>";
		return "may not be read";
	default:
		return strerror(-err);
	}
}

static int add_disk(struct machine *m, const struct machine_config *config,
	const struct machine_disk *disk, struct machine_error *error)
{
	unsigned i = m->nr_disks;
	int err = block_open(&m->image[i], disk->path,
		(disk->read_only ? BLOCK_READ_ONLY : 0) |
			(disk->direct ? BLOCK_DIRECT : 0),
		config->wake_fd, config->order);

	if (err < 0) {
		say(error, "domain %s: disk %s: %s", config->name, disk->path,
			why_no_image(err, disk));
		return err;
	}
	m->nr_disks++;
	m->disk[i] = malloc(sizeof(*m->disk[i]));
	if (!m->disk[i]) {
		say(error, "domain %s: out of memory", config->name);
		return -ENOMEM;
	}
	virtio_blk_init(m->disk[i], config->mem, m->image[i], disk->serial,
		&disk->rates);
	add_device(m, &m->disk[i]->dev);
	return 0;
}

static int add_net(struct machine *m, const struct machine_config *config,
	const struct machine_net *net, struct machine_error *error)
{
	unsigned i = m->nr_nets;
	struct net_error why = {"out of memory"};
	int err =
		net_open(&m->network[i], &net->network, config->wake_fd, &why);

	if (err < 0) {
		say(error, "domain %s: interface: %s", config->name, why.text);
		return err;
	}
	m->nr_nets++;
	m->net[i] = malloc(sizeof(*m->net[i]));
	if (!m->net[i]) {
		say(error, "domain %s: out of memory", config->name);
		return -ENOMEM;
	}
	virtio_net_init(m->net[i], config->mem, m->network[i], net->mac,
		net->outbound, net->inbound);
	add_device(m, &m->net[i]->dev);
	return 0;
}

static int add_rng(struct machine *m, const struct machine_config *config)
{
	uint8_t seed[MACHINE_SEED_SIZE];

	_Static_assert(MACHINE_SEED_SIZE == VIRTIO_RNG_SEED_SIZE, "one seed");
	if (config->seed)
		memcpy(seed, config->seed, sizeof(seed));
	else if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	m->rng = malloc(sizeof(*m->rng));
	if (!m->rng)
		return -ENOMEM;
	virtio_rng_init(m->rng, config->mem, seed);
	add_device(m, &m->rng->dev);
	return 0;
}

static int add_balloon(struct machine *m, const struct machine_config *config)
{
	m->balloon = malloc(sizeof(*m->balloon));
	if (!m->balloon)
		return -ENOMEM;
	virtio_balloon_init(m->balloon, config->mem,
		(config->flags & MACHINE_REPORTING) != 0);
	add_device(m, &m->balloon->dev);
	return 0;
}

static int add_hvc(struct machine *m, const struct machine_config *config)
{
	m->hvc = malloc(sizeof(*m->hvc));
	if (!m->hvc)
		return -ENOMEM;
	virtio_console_init(m->hvc, config->mem, config->console);
	add_device(m, &m->hvc->dev);
	return 0;
}

static void init_chips(struct machine *m, const struct machine_config *config)
{
	uint64_t now_ns = clock_ns();
	int64_t now_s =
		config->seed ? FIXED_DATE_S +
				       (int64_t)(now_ns / UINT64_C(1000000000))
			     : (int64_t)time(NULL);
	uint16_t level = pci_irqs();

	ns16550_init(&m->uart, config->console);
	i8259_init(&m->pic);
	i8254_init(&m->pit);
	mc146818_init(&m->rtc, now_s, now_ns);
	for (unsigned irq = 0; irq < 16; irq++)
		if (level & 1u << irq)
			i8259_set_level(&m->pic, irq);
}

static int add_devices(struct machine *m, const struct machine_config *config,
	struct machine_error *error)
{
	int err = 0;

	for (unsigned i = 0; i < config->nr_disks && err == 0; i++)
		err = add_disk(m, config, &config->disks[i], error);
	for (unsigned i = 0; i < config->nr_nets && err == 0; i++)
		err = add_net(m, config, &config->nets[i], error);
	if (err < 0)
		return err;
	if (config->flags & MACHINE_VIRTIO_CONSOLE)
		err = add_hvc(m, config);
	if (err == 0 && (config->flags & MACHINE_RNG))
		err = add_rng(m, config);
	if (err == 0 && (config->flags & MACHINE_BALLOON))
		err = add_balloon(m, config);
	if (err < 0)
		say(error, "domain %s: %s", config->name, strerror(-err));
	return err;
}

int machine_create(struct machine **machine,
	const struct machine_config *config, struct machine_error *error)
{
	struct machine *m;
	int err;

	if (config->nr_disks > MACHINE_DISKS_MAX) {
		say(error, "domain %s: %u disks; there can be %u", config->name,
			config->nr_disks, MACHINE_DISKS_MAX);
		return -EINVAL;
	}
	if (config->nr_nets > MACHINE_NETS_MAX) {
		say(error, "domain %s: %u interfaces; there can be %u",
			config->name, config->nr_nets, MACHINE_NETS_MAX);
		return -EINVAL;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		say(error, "domain %s: out of memory", config->name);
		return -ENOMEM;
	}
	m->kind = config->kind;
	m->flags = config->flags;
	m->console = config->console;
	init_chips(m, config);
	err = add_devices(m, config, error);
	if (err < 0) {
		machine_destroy(m);
		return err;
	}
	*machine = m;
	return 0;
}

void machine_destroy(struct machine *m)
{
	if (!m)
		return;
	/* The worker writes into the requests until the images are closed. */
	for (unsigned i = 0; i < m->nr_disks; i++)
		block_close(m->image[i]);
	for (unsigned i = 0; i < m->nr_disks; i++)
		free(m->disk[i]);
	for (unsigned i = 0; i < m->nr_nets; i++) {
		net_close(m->network[i]);
		free(m->net[i]);
	}
	free(m->hvc);
	free(m->rng);
	free(m->balloon);
	free(m);
}

void machine_finish(struct machine *m)
{
	for (unsigned i = 0; i < m->nr_disks; i++)
		virtio_blk_finish(m->disk[i]);
}

static struct virtio_budget full_budget(void)
{
	return (struct virtio_budget){
		.descriptors = MACHINE_DESCRIPTORS_MAX,
		.bytes = MACHINE_COPY_MAX,
		.now_ns = clock_ns(),
	};
}

/* PC: the inputs of the i8259 follow the outputs of the devices. */
static void update_lines(struct machine *m)
{
	uint16_t wired = pci_irqs();
	uint16_t lines = pci_lines(&m->pci);

	if (m->kind != MACHINE_PC)
		return;
	i8259_set_line(&m->pic, NS16550_IRQ, ns16550_line(&m->uart));
	for (unsigned irq = 0; irq < 16; irq++)
		if (wired & 1u << irq)
			i8259_set_line(&m->pic, irq, lines & 1u << irq);
}

static void run_devices(struct machine *m)
{
	struct virtio_budget budget = full_budget();

	for (unsigned i = 0; i < m->nr_devices; i++)
		if (m->device[i]->work)
			virtio_run(m->device[i], &budget);
}

bool machine_pio(struct machine *m, uint16_t port, unsigned size,
	unsigned count, void *data, bool is_write)
{
	char *at = data;
	bool found = false;

	for (unsigned i = 0; i < count; i++, at += size)
		found = port_access(m, port, at, size, is_write);
	if (!found)
		return false;
	run_devices(m);
	update_lines(m);
	return true;
}

static bool mmio_access(struct machine *m, uint64_t gpa, void *data,
	unsigned len, bool is_write)
{
	uint64_t offset = gpa - MACHINE_MMIO_GPA(0);
	uint64_t i = offset / VIRTIO_MMIO_SIZE;

	if (m->kind == MACHINE_PC)
		return pci_mmio(&m->pci, gpa, data, len, is_write);
	if (gpa < MACHINE_MMIO_GPA(0) || i >= m->nr_devices)
		return false;
	virtio_mmio_access(
		&m->window[i], offset % VIRTIO_MMIO_SIZE, data, len, is_write);
	return true;
}

bool machine_mmio(struct machine *m, uint64_t gpa, void *data, unsigned len,
	bool is_write)
{
	if (!mmio_access(m, gpa, data, len, is_write)) {
		if (!is_write)
			memset(data, 0xff, len);
		return false;
	}
	run_devices(m);
	update_lines(m);
	return true;
}

uint64_t machine_next_timer(const struct machine *m)
{
	uint64_t next = m->kind == MACHINE_PC ? m->pit.next_ns : VIRTIO_NEVER;

	for (unsigned i = 0; i < m->nr_devices; i++)
		if (m->device[i]->resume_ns < next)
			next = m->device[i]->resume_ns;
	return next;
}

void machine_run_timers(struct machine *m, uint64_t now_ns)
{
	if (m->kind == MACHINE_PC && i8254_expire(&m->pit, now_ns))
		i8259_pulse(&m->pic, I8254_IRQ);
	for (unsigned i = 0; i < m->nr_devices; i++)
		virtio_resume(m->device[i], now_ns);
}

static bool accepts_input(const struct machine *m)
{
	if (m->hvc && virtio_console_listens(m->hvc))
		return virtio_console_accepts(m->hvc);
	return (m->flags & MACHINE_SERIAL) && ns16550_room(&m->uart) > 0;
}

/* A live virtio console gets what is typed, else COM1 does. */
static void deliver_input(struct machine *m)
{
	size_t n;

	if (m->nr_input == 0 || !accepts_input(m))
		return;
	if (m->hvc && virtio_console_listens(m->hvc)) {
		n = virtio_console_input(m->hvc, m->input, m->nr_input);
	} else {
		n = ns16550_room(&m->uart);
		if (n > m->nr_input)
			n = m->nr_input;
		ns16550_receive(&m->uart, m->input, n);
	}
	m->nr_input -= (unsigned)n;
	memmove(m->input, m->input + n, m->nr_input);
}

static bool balloon_is_due(const struct machine *m)
{
	return m->balloon && m->balloon->config.num_pages != m->balloon_wanted;
}

int machine_set_balloon(struct machine *m, uint32_t pages)
{
	if (!m->balloon)
		return -ENODEV;
	m->balloon_wanted = pages;
	return 0;
}

uint32_t machine_balloon(const struct machine *m, uint64_t *reported)
{
	*reported = m->balloon ? m->balloon->reported : 0;
	return m->balloon ? virtio_balloon_pages(m->balloon) : 0;
}

static void add_blk(
	struct virtio_blk_counts *to, const struct virtio_blk_counts *from)
{
	to->requests += from->requests;
	to->bytes += from->bytes;
}

static void add_frames(
	struct virtio_net_counts *to, const struct virtio_net_counts *from)
{
	to->frames += from->frames;
	to->bytes += from->bytes;
	to->dropped += from->dropped;
}

void machine_io(const struct machine *m, struct machine_io *io)
{
	*io = (struct machine_io){0};
	for (unsigned i = 0; i < m->nr_disks; i++) {
		add_blk(&io->disk_read, &m->disk[i]->read);
		add_blk(&io->disk_written, &m->disk[i]->written);
	}
	for (unsigned i = 0; i < m->nr_nets; i++) {
		add_frames(&io->net_sent, &m->net[i]->sent);
		add_frames(&io->net_received, &m->net[i]->received);
	}
}

uint64_t machine_worked_ns(const struct machine *m)
{
	uint64_t ns = 0;

	for (unsigned i = 0; i < m->nr_disks; i++)
		ns += block_worked_ns(m->image[i]);
	for (unsigned i = 0; i < m->nr_nets; i++)
		ns += net_helper_ns(m->network[i]);
	return ns;
}

bool machine_has_work(const struct machine *m)
{
	if (balloon_is_due(m))
		return true;
	for (unsigned i = 0; i < m->nr_devices; i++)
		if (m->device[i]->work)
			return true;
	for (unsigned i = 0; i < m->nr_disks; i++)
		if (block_has_completed(m->image[i]))
			return true;
	for (unsigned i = 0; i < m->nr_nets; i++)
		if (virtio_net_has_work(m->net[i]))
			return true;
	if (m->console && m->nr_input < INPUT_SIZE &&
		console_has_input(m->console))
		return true;
	return m->nr_input && accepts_input(m);
}

bool machine_poll(struct machine *m)
{
	struct virtio_budget budget = full_budget();

	if (m->console)
		m->nr_input += (unsigned)console_read(m->console,
			m->input + m->nr_input, INPUT_SIZE - m->nr_input);
	for (unsigned i = 0; i < m->nr_disks; i++)
		virtio_blk_poll(m->disk[i], &budget);
	for (unsigned i = 0; i < m->nr_nets; i++)
		virtio_net_poll(m->net[i], &budget);
	for (unsigned i = 0; i < m->nr_devices; i++)
		if (m->device[i]->work)
			virtio_run(m->device[i], &budget);
	if (balloon_is_due(m))
		virtio_balloon_set(m->balloon, m->balloon_wanted);
	deliver_input(m);
	update_lines(m);
	return machine_has_work(m);
}

bool machine_irq_pending(const struct machine *m)
{
	return m->kind == MACHINE_PC && m->pic.output;
}

int machine_irq_take(struct machine *m)
{
	if (!machine_irq_pending(m))
		return -1;
	return i8259_acknowledge(&m->pic);
}

uint64_t machine_take_notifications(struct machine *m)
{
	uint64_t set = 0;

	if (m->kind != MACHINE_L4)
		return 0;
	for (unsigned i = 0; i < m->nr_devices; i++) {
		if (m->device[i]->interrupt)
			set |= UINT64_C(1) << MACHINE_MMIO_IRQ(i);
		m->device[i]->interrupt = false;
	}
	return set;
}

void machine_console_input(struct machine *m, const void *bytes, size_t n)
{
	size_t room = INPUT_SIZE - m->nr_input;

	if (n > room)
		n = room;
	memcpy(m->input + m->nr_input, bytes, n);
	m->nr_input += (unsigned)n;
	deliver_input(m);
	update_lines(m);
}

enum machine_request machine_request(const struct machine *m, int *status)
{
	if (m->request == MACHINE_STOP)
		*status = m->exit_status;
	return m->request;
}

unsigned machine_devices(
	const struct machine *m, struct machine_device *devices)
{
	for (unsigned i = 0; i < m->nr_devices; i++)
		devices[i] = (struct machine_device){
			.gpa = MACHINE_MMIO_GPA(i),
			.irq = MACHINE_MMIO_IRQ(i),
			.virtio_id = m->device[i]->type->id,
		};
	return m->nr_devices;
}
