/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's elements outside of <devices> and <metadata>.
 * Source: libvirt, "Domain XML format".
 */
#include "vmm/config/domain.h"

#include <errno.h>
#include <string.h>

#include "vmm/config/file.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

#define MIB UINT64_C(0x100000)

/* What changes nothing for a domain here. */
static const char *const without_effect[] = {"uuid", "title", "description",
	"features", "cpu", "clock", "on_poweroff", "on_reboot", "pm",
	"seclabel", NULL};

typedef void read_element(struct config_system *system,
	struct config_domain *domain, xmlNode *node);

struct element {
	const char *name;
	read_element *read;
};

static const char *content(struct config_system *system,
	const struct config_domain *domain, xmlNode *node)
{
	return config_string(system, xml_content(system, domain->file, node));
}

static void read_name(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	const char *text = content(system, domain, node);

	domain->name_line = xml_line(node);
	if (!value_is_name(text)) {
		diag_add(&system->diag, xml_place(domain->file, node),
			"name '%s' is not usable; write 1 to %d of A-Z a-z 0-9 "
			". _ -",
			text, BOOT_NAME_MAX - 1);
		return;
	}
	domain->name = xml_content(system, domain->file, node);
}

/* <memory> or <currentMemory>; false after an error. */
static bool memory_bytes(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, uint64_t *bytes)
{
	uint32_t unit = xml_attribute(system, domain->file, node, "unit");

	if (!value_memory(content(system, domain, node),
		    unit ? config_string(system, unit) : NULL, bytes))
		return true;
	diag_add(&system->diag, xml_place(domain->file, node),
		"memory '%s' %s is not usable; write for example "
		"<memory unit='MiB'>16</memory>",
		content(system, domain, node), config_string(system, unit));
	return false;
}

static void read_memory(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	uint64_t bytes;

	if (!memory_bytes(system, domain, node, &bytes))
		return;
	if (bytes < LAUNCH_RAM_MIN || bytes > LAUNCH_RAM_MAX ||
		bytes % LAUNCH_RAM_ALIGN) {
		diag_add(&system->diag, xml_place(domain->file, node),
			"memory of %llu bytes is not usable; write %llu to "
			"%llu MiB, an even number",
			(unsigned long long)bytes,
			(unsigned long long)(LAUNCH_RAM_MIN / MIB),
			(unsigned long long)(LAUNCH_RAM_MAX / MIB));
		return;
	}
	domain->ram_bytes = bytes;
}

/*
 * What is more than that may be asked back: by a balloon.  The order of elements
 * is free in libvirt, so <memory> is looked up.
 */
static void read_current_memory(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	uint64_t now;
	uint64_t bytes;

	domain->current_line = xml_place(domain->file, node).line;
	if (!memory_bytes(system, domain, node, &now))
		return;
	XML_EACH(other, node->parent)
	{
		if (!xml_is(other, "memory") ||
			!memory_bytes(system, domain, other, &bytes))
			continue;
		if (!now || now > bytes || now % FRAME_BYTES)
			diag_add(&system->diag, xml_place(domain->file, node),
				"<currentMemory> is not usable; write at most "
				"as much as in <memory>, in units of 4 KiB");
		else
			domain->frames_extra = (bytes - now) / FRAME_BYTES;
	}
}

static void check_current_memory(
	struct config_system *system, const struct config_domain *domain)
{
	if (domain->current_line && domain->frames_extra &&
		!(domain->flags & LAUNCH_BALLOON))
		diag_add(&system->diag,
			(struct place){domain->file, domain->current_line},
			"<currentMemory> is less than <memory>; write the "
			"same, or <memballoon model='virtio'> in a Linux "
			"domain");
}

static void read_vcpu(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	uint32_t cpuset = xml_attribute(system, domain->file, node, "cpuset");

	if (strcmp(content(system, domain, node), "1") != 0)
		diag_add(&system->diag, place,
			"%s vCPUs; a domain has one: write 1, and more domains "
			"to use more CPUs",
			content(system, domain, node));
	if (cpuset && value_number(config_string(system, cpuset),
			      LAUNCH_CPUS_MAX - 1, &domain->cpu))
		diag_add(&system->diag, place,
			"cpuset '%s' is not one host CPU; write one number "
			"from 0 to %u",
			config_string(system, cpuset), LAUNCH_CPUS_MAX - 1);
}

static void read_on_crash(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	const char *text = content(system, domain, node);

	if (!strcmp(text, "restart"))
		domain->on_crash = LAUNCH_CRASH_RESTART;
	else if (!strcmp(text, "destroy"))
		domain->on_crash = LAUNCH_CRASH_DESTROY;
	else
		diag_add(&system->diag, xml_place(domain->file, node),
			"on_crash '%s' is not there; write destroy or restart",
			text);
}

static void read_os_type(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	uint32_t arch = xml_attribute(system, domain->file, node, "arch");

	if (arch && strcmp(config_string(system, arch), "x86_64") != 0)
		diag_add(&system->diag, xml_place(domain->file, node),
			"architecture '%s' is not there; write arch='x86_64'",
			config_string(system, arch));
	if (strcmp(content(system, domain, node), "hvm") != 0)
		diag_add(&system->diag, xml_place(domain->file, node),
			"type '%s' is not there; write hvm",
			content(system, domain, node));
}

static void read_cmdline(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	domain->cmdline = xml_content(system, domain->file, node);
	if (strlen(config_string(system, domain->cmdline)) >=
		LAUNCH_CMDLINE_MAX)
		diag_add(&system->diag, xml_place(domain->file, node),
			"command line of more than %u bytes; write a shorter "
			"one",
			LAUNCH_CMDLINE_MAX - 1);
}

static void read_os(struct config_system *system, struct config_domain *domain,
	xmlNode *node)
{
	XML_EACH(child, node)
	{
		struct place place = xml_place(domain->file, child);

		if (xml_is(child, "type"))
			read_os_type(system, domain, child);
		else if (xml_is(child, "kernel"))
			file_set(system, place, &domain->kernel,
				xml_content(system, domain->file, child));
		else if (xml_is(child, "initrd"))
			file_set(system, place, &domain->initrd,
				xml_content(system, domain->file, child));
		else if (xml_is(child, "cmdline"))
			read_cmdline(system, domain, child);
		else
			diag_add(&system->diag, place,
				"<%s> in <os> is not there; remove it: a "
				"domain starts from <kernel>",
				(const char *)child->name);
	}
	for (xmlNode *child = xmlFirstElementChild(node); child;
		child = xmlNextElementSibling(child))
		if (xml_is(child, "kernel"))
			return;
	diag_add(&system->diag, xml_place(domain->file, node),
		"no <kernel>; write <kernel>FILE</kernel> in <os>");
}

static void read_nothing(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	(void)system;
	(void)domain;
	(void)node;
}

static const struct element elements[] = {
	{"name", read_name},
	{"memory", read_memory},
	{"currentMemory", read_current_memory},
	{"vcpu", read_vcpu},
	{"os", read_os},
	{"on_crash", read_on_crash},
	{"devices", domain_read_devices},
	{"metadata", read_nothing}, /* looked up at the end */
	{NULL, NULL},
};

static read_element *find_reader(xmlNode *node)
{
	for (const struct element *e = elements; e->name; e++)
		if (xml_is(node, e->name))
			return e->read;
	for (unsigned i = 0; without_effect[i]; i++)
		if (xml_is(node, without_effect[i]))
			return read_nothing;
	return NULL;
}

static void check_root(struct config_system *system,
	const struct config_domain *domain, xmlNode *root)
{
	uint32_t type = xml_attribute(system, domain->file, root, "type");

	if (!xml_is(root, "domain"))
		diag_add(&system->diag, xml_place(domain->file, root),
			"<%s> is not a domain; write <domain type='kvm'>",
			(const char *)root->name);
	else if (strcmp(config_string(system, type), "kvm") != 0)
		diag_add(&system->diag, xml_place(domain->file, root),
			"domain type '%s' is not there; write type='kvm'",
			config_string(system, type));
}

static void check_present(struct config_system *system,
	const struct config_domain *domain, xmlNode *root)
{
	static const char *const needed[] = {"name", "memory", "os", NULL};

	for (unsigned i = 0; needed[i]; i++) {
		bool found = false;

		XML_EACH(child, root)
		found |= xml_is(child, needed[i]);
		if (!found)
			diag_add(&system->diag, xml_place(domain->file, root),
				"no <%s>; a domain needs one", needed[i]);
	}
}

void domain_read(struct config_system *system, struct config_domain *domain,
	xmlNode *root)
{
	xmlNode *metadata = NULL;

	domain->kind = LAUNCH_KIND_LINUX;
	domain->on_crash = LAUNCH_CRASH_DESTROY;
	domain->reservation.slack = 1;
	domain->share = LAUNCH_SHARE;
	check_root(system, domain, root);
	if (!xml_is(root, "domain"))
		return;

	XML_EACH(child, root)
	{
		read_element *read = find_reader(child);

		if (read)
			read(system, domain, child);
		else
			diag_add(&system->diag, xml_place(domain->file, child),
				"<%s> is not there; remove it",
				(const char *)child->name);
		if (xml_is(child, "metadata"))
			metadata = child;
	}
	check_present(system, domain, root);
	check_current_memory(system, domain);
	domain_read_metadata(system, domain, metadata);
}
