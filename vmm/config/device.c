/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * <devices>: virtio disks and interfaces, the serial port, the virtio console, the random
 * number generator.
 * Source: libvirt, "Domain XML format", "Devices".
 */
#include <string.h>

#include "vmm/config/domain.h"
#include "vmm/config/file.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

typedef void read_device(struct config_system *system,
	struct config_domain *domain, xmlNode *node);

/* The attribute as text; "" if it is not there. */
static const char *attribute(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name)
{
	return config_string(
		system, xml_attribute(system, domain->file, node, name));
}

static bool is_attribute(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name,
	const char *value)
{
	return !strcmp(attribute(system, domain, node, name), value);
}

static xmlNode *find_child(xmlNode *node, const char *name)
{
	XML_EACH(child, node)
	{
		if (xml_is(child, name))
			return child;
	}
	return NULL;
}

static void read_disk_serial(struct config_system *system,
	struct config_domain *domain, struct config_disk *disk, xmlNode *node)
{
	disk->serial = xml_content(system, domain->file, node);
	if (strlen(config_string(system, disk->serial)) > LAUNCH_SERIAL_MAX)
		diag_add(&system->diag, xml_place(domain->file, node),
			"serial '%s' is longer than %u bytes; write a shorter "
			"one",
			config_string(system, disk->serial), LAUNCH_SERIAL_MAX);
}

static void read_disk_element(struct config_system *system,
	struct config_domain *domain, struct config_disk *disk, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);

	if (xml_is(node, "source")) {
		file_set(system, place, &disk->file,
			xml_attribute(system, domain->file, node,
				disk->device ? "dev" : "file"));
	} else if (xml_is(node, "readonly")) {
		disk->read_only = true;
	} else if (xml_is(node, "serial")) {
		read_disk_serial(system, domain, disk, node);
	} else if (xml_is(node, "iotune")) {
		domain_read_iotune(system, domain->file, disk, node);
	} else if (xml_is(node, "driver")) {
		if (!is_attribute(system, domain, node, "type", "raw"))
			diag_add(&system->diag, place,
				"image format '%s' is not there; write "
				"type='raw', and convert the image with "
				"qemu-img convert -O raw",
				attribute(system, domain, node, "type"));
		disk->direct =
			is_attribute(system, domain, node, "cache", "none");
	} else if (xml_is(node, "target")) {
		if (!is_attribute(system, domain, node, "bus", "virtio"))
			diag_add(&system->diag, place,
				"disk bus '%s' is not there; write "
				"bus='virtio'",
				attribute(system, domain, node, "bus"));
	} else if (!xml_is(node, "address") && !xml_is(node, "alias") &&
		   !xml_is(node, "boot")) {
		diag_add(&system->diag, place,
			"<%s> in <disk> is not there; remove it",
			(const char *)node->name);
	}
}

static void read_disk(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	struct config_disk disk = {
		.device = is_attribute(system, domain, node, "type", "block"),
	};
	const char *source_is = disk.device ? "dev" : "file";

	if (!disk.device &&
		!is_attribute(system, domain, node, "type", "file")) {
		diag_add(&system->diag, place,
			"disk type '%s' is not there; write type='file' or "
			"type='block'",
			attribute(system, domain, node, "type"));
		return;
	}

	uint32_t device = xml_attribute(system, domain->file, node, "device");

	if (device && strcmp(config_string(system, device), "disk") != 0)
		diag_add(&system->diag, place,
			"disk device '%s' is not there; write device='disk'",
			config_string(system, device));
	XML_EACH(child, node)
	{
		read_disk_element(system, domain, &disk, child);
	}

	xmlNode *source = find_child(node, "source");

	if (!source || !xmlHasProp(source, (const xmlChar *)source_is))
		diag_add(&system->diag, place,
			"no image; write <source %s='...'/> in <disk>",
			source_is);
	if (!find_child(node, "driver"))
		diag_add(&system->diag, place,
			"no image format; write <driver type='raw'/> in "
			"<disk>");
	if (domain->nr_disks == CONFIG_DISKS_MAX)
		diag_add(&system->diag, place, "more than %d disks",
			CONFIG_DISKS_MAX);
	else
		domain->disk[domain->nr_disks++] = disk;
}

static void read_serial(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);

	if (!is_attribute(system, domain, node, "type", "pty"))
		diag_add(&system->diag, place,
			"serial type '%s' is not there; write type='pty'",
			attribute(system, domain, node, "type"));
	if (domain->flags & LAUNCH_CONSOLE_SERIAL)
		diag_add(&system->diag, place,
			"a second serial port; remove it: there is one");
	domain->flags |= LAUNCH_CONSOLE_SERIAL;
}

static void read_console(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	xmlNode *target = find_child(node, "target");

	if (!is_attribute(system, domain, node, "type", "pty"))
		diag_add(&system->diag, place,
			"console type '%s' is not there; write type='pty'",
			attribute(system, domain, node, "type"));
	if (!target || is_attribute(system, domain, target, "type", "serial") ||
		is_attribute(system, domain, target, "type", "")) {
		domain->flags |= LAUNCH_CONSOLE_SERIAL;
		return;
	}
	if (!is_attribute(system, domain, target, "type", "virtio"))
		diag_add(&system->diag, place,
			"console target '%s' is not there; write type='virtio' "
			"or type='serial'",
			attribute(system, domain, target, "type"));
	if (domain->flags & LAUNCH_CONSOLE_VIRTIO)
		diag_add(&system->diag, place,
			"a second virtio console; remove it: there is one");
	domain->flags |= LAUNCH_CONSOLE_VIRTIO;
}

static void read_rng(struct config_system *system, struct config_domain *domain,
	xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	xmlNode *backend = find_child(node, "backend");

	if (!is_attribute(system, domain, node, "model", "virtio"))
		diag_add(&system->diag, place,
			"rng model '%s' is not there; write model='virtio'",
			attribute(system, domain, node, "model"));
	if (!backend ||
		!is_attribute(system, domain, backend, "model", "random"))
		diag_add(&system->diag, place,
			"rng backend is not there; write <backend "
			"model='random'>/dev/urandom</backend>");
	if (domain->flags & LAUNCH_RNG)
		diag_add(&system->diag, place,
			"a second rng; remove it: there is one");
	domain->flags |= LAUNCH_RNG;
}

static void read_memballoon(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	if (is_attribute(system, domain, node, "model", "none"))
		return;
	if (!is_attribute(system, domain, node, "model", "virtio"))
		diag_add(&system->diag, xml_place(domain->file, node),
			"memory balloon '%s' is not there; write "
			"model='virtio' or model='none'",
			attribute(system, domain, node, "model"));
	domain->flags |= LAUNCH_BALLOON;
	if (is_attribute(system, domain, node, "freePageReporting", "on"))
		domain->flags |= LAUNCH_REPORTING;
}

/* What QEMU needs and what has no counterpart here. */
static void read_nothing(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	(void)system;
	(void)domain;
	(void)node;
}

static const struct {
	const char *name;
	read_device *read;
} devices[] = {
	{"disk", read_disk},
	{"interface", domain_read_interface},
	{"serial", read_serial},
	{"console", read_console},
	{"rng", read_rng},
	{"memballoon", read_memballoon},
	{"emulator", read_nothing},
	{"controller", read_nothing},
	{NULL, NULL},
};

void domain_read_devices(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	XML_EACH(child, node)
	{
		unsigned i = 0;

		while (devices[i].name && !xml_is(child, devices[i].name))
			i++;
		if (devices[i].name)
			devices[i].read(system, domain, child);
		else
			diag_add(&system->diag, xml_place(domain->file, child),
				"device <%s> is not there; remove it: there "
				"are disk, interface, serial, console, rng, "
				"memballoon",
				(const char *)child->name);
	}
}
