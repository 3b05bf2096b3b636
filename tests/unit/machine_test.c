/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole machines: what is refused at creation, which port and address reaches
 * which device, and a disk that is read through the worker.
 */
/* link: vmm/device/machine.c vmm/device/port.c vmm/device/pci.c vmm/device/i8259.c vmm/device/i8254.c vmm/device/ns16550.c vmm/device/mc146818.c vmm/blockio.c vmm/ioorder.c vmm/netio.c vmm/netopen.c vmm/beside.c vmm/console.c vmm/stream.c virtio/virtq.c virtio/device.c virtio/blk.c virtio/rng.c virtio/balloon.c virtio/console.c virtio/limit.c virtio/net.c virtio/mmio.c virtio/pci.c tests/unit/flatmem.c -pthread */
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"
#include "tests/unit/flatmem.h"
#include "vmm/blockio.h"
#include "vmm/clock.h"
#include "vmm/device/machine.h"

#define PATH_SIZE 64

static struct guestmem memory;
static uint64_t now_ns;
static const uint8_t seed[MACHINE_SEED_SIZE] = {1};
static char path[PATH_SIZE];

uint64_t clock_ns(void)
{
	return now_ns;
}

/* An image of @size bytes, each sector full of its number. */
static const char *make_image(size_t size)
{
	int fd;

	strcpy(path, "/tmp/machine_test.XXXXXX");
	fd = mkstemp(path);
	for (size_t i = 0; fd >= 0 && i < size; i++) {
		uint8_t byte = (uint8_t)(i / 512);

		if (write(fd, &byte, 1) != 1)
			break;
	}
	close(fd);
	return path;
}

static int create(struct machine **m, enum machine_kind kind,
	const struct machine_disk *disk, struct machine_error *error)
{
	struct machine_config config = {
		.kind = kind,
		.name = "test",
		.mem = &memory,
		.disks = disk,
		.nr_disks = disk != NULL,
		.flags = MACHINE_SERIAL | MACHINE_RNG,
		.wake_fd = eventfd(0, EFD_CLOEXEC),
		.seed = seed,
	};

	memset(&memory, 0, sizeof(memory));
	return machine_create(m, &config, error);
}

static void refuses(size_t size, const char *why)
{
	struct machine_disk disk = {.path = make_image(size)};
	struct machine_error error = {""};
	struct machine *m;

	CHECK_EQ(create(&m, MACHINE_PC, &disk, &error), -EINVAL);
	CHECK(strstr(error.text, path) != NULL);
	CHECK(strstr(error.text, why) != NULL);
	unlink(path);
}

TEST(an_image_that_is_empty_or_has_a_part_of_a_sector_is_refused)
{
	refuses(0, "not a raw image");
	refuses(1, "not a raw image");
	refuses(513, "not a raw image");
}

TEST(a_missing_image_is_named)
{
	struct machine_disk disk = {.path = "/tmp/there/is/none"};
	struct machine_error error = {""};
	struct machine *m;

	CHECK_EQ(create(&m, MACHINE_PC, &disk, &error), -ENOENT);
	CHECK_STR(error.text, "domain test: disk /tmp/there/is/none: "
			      "No such file or directory");
}

TEST(a_directory_is_no_image)
{
	struct machine_disk disk = {.path = "/tmp", .read_only = true};
	struct machine_error error = {""};
	struct machine *m;

	CHECK_EQ(create(&m, MACHINE_PC, &disk, &error), -EINVAL);
}

TEST(an_image_that_may_not_be_written_is_refused_unless_read_only)
{
	struct machine_disk disk = {.path = make_image(512)};
	struct machine_error error = {""};
	struct machine *m;

	uid_t uid = geteuid();

	chmod(path, 0444);
	if (uid == 0)
		REQUIRE(seteuid(65534) == 0); /* root may write every file */
	CHECK_EQ(create(&m, MACHINE_PC, &disk, &error), -EACCES);
	CHECK(strstr(error.text, "may not be written") != NULL);
	disk.read_only = true;
	CHECK_EQ(create(&m, MACHINE_PC, &disk, &error), 0);
	machine_destroy(m);
	CHECK_EQ(seteuid(uid), 0);
	unlink(path);
}

static uint32_t config_read(struct machine *m, unsigned slot, unsigned reg)
{
	uint32_t address = 0x80000000u | slot << 11 | reg;
	uint32_t value = 0;

	machine_pio(m, 0xcf8, 4, 1, &address, true);
	machine_pio(m, 0xcfc, 4, 1, &value, false);
	return value;
}

static void config_write(
	struct machine *m, unsigned slot, unsigned reg, uint32_t value)
{
	uint32_t address = 0x80000000u | slot << 11 | reg;

	machine_pio(m, 0xcf8, 4, 1, &address, true);
	machine_pio(m, 0xcfc, 4, 1, &value, true);
}

TEST(pci_shows_its_functions_and_the_size_of_their_bars)
{
	struct machine_disk disk = {.path = make_image(4096)};
	struct machine_error error;
	struct machine *m;
	uint32_t bar;

	REQUIRE(create(&m, MACHINE_PC, &disk, &error) == 0);
	CHECK_EQ(config_read(m, 0, 0), 0x12378086);
	CHECK_EQ(config_read(m, 1, 0), 0x10421af4);
	CHECK_EQ(config_read(m, 2, 0), 0x10441af4);
	CHECK_EQ(config_read(m, 3, 0), 0xffffffff);
	bar = config_read(m, 1, 0x10);
	config_write(m, 1, 0x10, 0xffffffff);
	CHECK_EQ(config_read(m, 1, 0x10), 0xfffff000);
	config_write(m, 1, 0x10, bar);
	CHECK_EQ(config_read(m, 1, 0x10), bar);
	machine_destroy(m);
	unlink(path);
}

TEST(a_bar_decodes_where_it_was_moved)
{
	struct machine_disk disk = {.path = make_image(4096)};
	struct machine_error error;
	struct machine *m;
	uint64_t capacity = 0;

	REQUIRE(create(&m, MACHINE_PC, &disk, &error) == 0);
	CHECK(machine_mmio(m, 0xe0000100, &capacity, 8, false));
	CHECK_EQ(capacity, 8);
	config_write(m, 1, 0x10, 0xd0000000);
	CHECK(machine_mmio(m, 0xd0000100, &capacity, 8, false));
	CHECK_EQ(capacity, 8);
	CHECK(!machine_mmio(m, 0xe0000100, &capacity, 8, false));
	CHECK_EQ(capacity, UINT64_MAX);
	machine_destroy(m);
	unlink(path);
}

TEST(ports_that_nobody_decodes_read_ones)
{
	struct machine_error error;
	struct machine *m;
	uint32_t value = 0;

	REQUIRE(create(&m, MACHINE_PC, NULL, &error) == 0);
	CHECK(!machine_pio(m, 0x1234, 4, 1, &value, false));
	CHECK_EQ(value, 0xffffffff);
	machine_destroy(m);
	REQUIRE(create(&m, MACHINE_L4, NULL, &error) == 0);
	value = 0;
	CHECK(!machine_pio(m, 0x20, 1, 1, &value, false));
	CHECK_EQ(value, 0xff);
	machine_destroy(m);
}

static int request_after(uint16_t port, uint8_t value, int *status)
{
	struct machine_error error;
	struct machine *m;
	int request;

	if (create(&m, MACHINE_PC, NULL, &error))
		return -1;
	machine_pio(m, port, 1, 1, &value, true);
	request = (int)machine_request(m, status);
	machine_destroy(m);
	return request;
}

TEST(a_pc_can_be_reset_and_stopped)
{
	int status = -1;

	CHECK_EQ(request_after(0x80, 1, &status), MACHINE_GO_ON);
	CHECK_EQ(request_after(0x64, 0xfe, &status), MACHINE_RESET);
	CHECK_EQ(request_after(0xcf9, 0x06, &status), MACHINE_RESET);
	CHECK_EQ(request_after(MACHINE_EXIT_PORT, 7, &status), MACHINE_STOP);
	CHECK_EQ(status, 7);
}

TEST(a_timer_late_by_seven_ticks_interrupts_once)
{
	static const uint8_t init[][2] = {{0x20, 0x11}, {0x21, 0x30},
		{0x21, 0x04}, {0x21, 0x01}, {0x21, 0x00}, {0x43, 0x34},
		{0x40, 0x9c}, {0x40, 0x2e}};
	uint8_t eoi = 0x60;
	struct machine_error error;
	struct machine *m;

	now_ns = 0;
	REQUIRE(create(&m, MACHINE_PC, NULL, &error) == 0);
	for (unsigned i = 0; i < sizeof(init) / sizeof(init[0]); i++) {
		uint8_t value = init[i][1];

		machine_pio(m, init[i][0], 1, 1, &value, true);
	}
	now_ns = machine_next_timer(m) + 70000000;
	machine_run_timers(m, now_ns);
	CHECK(machine_irq_pending(m));
	CHECK_EQ(machine_irq_take(m), 0x30);
	machine_pio(m, 0x20, 1, 1, &eoi, true);
	machine_run_timers(m, now_ns);
	CHECK(!machine_irq_pending(m));
	CHECK(machine_next_timer(m) > now_ns);
	machine_destroy(m);
}

static void mmio_write(struct machine *m, unsigned reg, uint32_t value)
{
	machine_mmio(m, MACHINE_MMIO_GPA(0) + reg, &value, 4, true);
}

static uint32_t mmio_read(struct machine *m, unsigned reg)
{
	uint32_t value = 0;

	machine_mmio(m, MACHINE_MMIO_GPA(0) + reg, &value, 4, false);
	return value;
}

static void put(uint64_t gpa, const void *bytes, size_t len)
{
	memcpy(memory.bytes + gpa, bytes, len);
}

/* A request for sector 5 at 0x4000, rings at 0x1000. */
static void request_sector_5(struct machine *m)
{
	static const struct vring_desc desc[] = {
		{0x3000, 16, VRING_DESC_F_NEXT, 1},
		{0x4000, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2},
		{0x5000, 1, VRING_DESC_F_WRITE, 0},
	};
	static const uint16_t avail[] = {0, 1, 0};
	struct virtio_blk_outhdr header = {
		.type = VIRTIO_BLK_T_IN, .sector = 5};
	static const uint8_t status[] = {1, 3, 11};

	put(0x1000, desc, sizeof(desc));
	put(0x2000, avail, sizeof(avail));
	put(0x3000, &header, sizeof(header));
	for (unsigned i = 0; i < 2; i++)
		mmio_write(m, VIRTIO_MMIO_STATUS, status[i]);
	mmio_write(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	mmio_write(m, VIRTIO_MMIO_DRIVER_FEATURES, 1); /* VERSION_1 */
	mmio_write(m, VIRTIO_MMIO_STATUS, status[2]);
	mmio_write(m, VIRTIO_MMIO_QUEUE_NUM, 8);
	mmio_write(m, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x1000);
	mmio_write(m, VIRTIO_MMIO_QUEUE_AVAIL_LOW, 0x2000);
	mmio_write(m, VIRTIO_MMIO_QUEUE_USED_LOW, 0x2800);
	mmio_write(m, VIRTIO_MMIO_QUEUE_READY, 1);
	mmio_write(m, VIRTIO_MMIO_STATUS, 15);
	mmio_write(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

TEST(an_l4_machine_reads_its_disk_and_notifies)
{
	struct machine_disk disk = {.path = make_image(8192)};
	struct machine_device device[MACHINE_DEVICES_MAX];
	struct machine_error error;
	struct machine *m;

	REQUIRE(create(&m, MACHINE_L4, &disk, &error) == 0);
	REQUIRE(machine_devices(m, device) == 2);
	CHECK_EQ(device[0].virtio_id, VIRTIO_ID_BLOCK);
	CHECK_EQ(device[0].irq, 16);
	CHECK_EQ(device[1].virtio_id, VIRTIO_ID_RNG);
	CHECK_EQ(mmio_read(m, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	CHECK_EQ(mmio_read(m, VIRTIO_MMIO_VERSION), 2);
	CHECK_EQ(mmio_read(m, VIRTIO_MMIO_CONFIG), 16);
	memory.bytes[0x5000] = 0xff;
	request_sector_5(m);
	for (unsigned ms = 0; ms < 5000 && !machine_has_work(m); ms++)
		poll(NULL, 0, 1);
	machine_poll(m);
	CHECK_EQ(memory.bytes[0x5000], VIRTIO_BLK_S_OK);
	CHECK_EQ(memory.bytes[0x4000], 5);
	CHECK_EQ(memory.bytes[0x41ff], 5);
	CHECK_EQ(machine_take_notifications(m), UINT64_C(1) << 16);
	CHECK_EQ(machine_take_notifications(m), 0);
	CHECK_EQ(mmio_read(m, VIRTIO_MMIO_INTERRUPT_STATUS), 1);
	mmio_write(m, VIRTIO_MMIO_INTERRUPT_ACK, 1);
	CHECK_EQ(mmio_read(m, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	machine_destroy(m);
	unlink(path);
}

static const struct tap_case cases[] = {
	CASE(an_image_that_is_empty_or_has_a_part_of_a_sector_is_refused),
	CASE(a_missing_image_is_named),
	CASE(a_directory_is_no_image),
	CASE(an_image_that_may_not_be_written_is_refused_unless_read_only),
	CASE(pci_shows_its_functions_and_the_size_of_their_bars),
	CASE(a_bar_decodes_where_it_was_moved),
	CASE(ports_that_nobody_decodes_read_ones),
	CASE(a_pc_can_be_reset_and_stopped),
	CASE(a_timer_late_by_seven_ticks_interrupts_once),
	CASE(an_l4_machine_reads_its_disk_and_notifies),
};

int main(void)
{
	int status;

	if (blockio_start() < 0)
		return 1;
	status = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
	blockio_stop();
	return status;
}
