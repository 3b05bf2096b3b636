/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the launch record.
 */
#include "vmm/config/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The record's parts, before they are written one after the other. */
struct record {
	struct launch_header header;
	struct launch_domain domain[LAUNCH_DOMAINS_MAX];
	struct launch_module module[LAUNCH_MODULES_MAX];
	struct launch_disk disk[LAUNCH_DISKS_MAX];
	struct launch_net net[LAUNCH_NETS_MAX];
	struct launch_portal portal[LAUNCH_PORTALS_MAX];
};

static int write_all(int fd, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size) {
		ssize_t written = write(fd, from, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		from += written;
		size -= (size_t)written;
	}
	return 0;
}

static int add_modules(struct record *record, const struct config_domain *from)
{
	uint32_t *nr = &record->header.nr_modules;

	if (from->nr_modules > LAUNCH_MODULES_MAX - *nr)
		return -E2BIG;
	for (unsigned i = 0; i < from->nr_modules; i++)
		record->module[(*nr)++] = (struct launch_module){
			.file = from->module[i].file.path,
			.name = from->module[i].name,
			.args = from->module[i].args,
		};
	return 0;
}

static int add_disks(struct record *record, const struct config_domain *from)
{
	uint32_t *nr = &record->header.nr_disks;

	if (from->nr_disks > LAUNCH_DISKS_MAX - *nr)
		return -E2BIG;
	for (unsigned i = 0; i < from->nr_disks; i++) {
		const struct config_disk *disk = &from->disk[i];
		struct launch_disk *to = &record->disk[(*nr)++];

		*to = (struct launch_disk){
			.file = disk->file.path,
			.serial = disk->serial,
			.read_only = disk->read_only,
			.direct = disk->direct,
		};
		memcpy(to->limit, disk->limit, sizeof(to->limit));
	}
	return 0;
}

static int add_nets(struct record *record, const struct config_domain *from)
{
	uint32_t *nr = &record->header.nr_nets;

	if (from->nr_nets > LAUNCH_NETS_MAX - *nr)
		return -E2BIG;
	for (unsigned i = 0; i < from->nr_nets; i++)
		record->net[(*nr)++] = from->net[i].net;
	return 0;
}

static int add_domain(struct record *record, const struct config_domain *from,
	bool unreserved)
{
	const struct config_reservation *r = &from->reservation;

	record->domain[record->header.nr_domains++] = (struct launch_domain){
		.name = from->name,
		.kind = from->kind,
		.ram_bytes = from->ram_bytes,
		.kernel = from->kernel.path,
		.initrd = from->initrd.path,
		.cmdline = from->cmdline,
		.cpu = from->cpu,
		.slice_us = unreserved ? 0 : r->slice_us,
		.period_us = r->period_us,
		.deadline_us = r->deadline_us,
		.slack = unreserved ? 1 : r->slack,
		.first_module = record->header.nr_modules,
		.nr_modules = from->nr_modules,
		.first_disk = record->header.nr_disks,
		.nr_disks = from->nr_disks,
		.first_net = record->header.nr_nets,
		.nr_nets = from->nr_nets,
		.on_crash = from->on_crash,
		.flags = from->flags,
		.if_limit_us = from->if_limit_us,
		.runs = from->runs,
		.frames_guaranteed = from->frames_guaranteed,
		.frames_extra = from->frames_extra,
		.share = from->share,
	};

	int err = add_modules(record, from);

	if (!err)
		err = add_disks(record, from);
	return err ? err : add_nets(record, from);
}

/* Index in the record of the domain with that name; it was checked. */
static uint32_t domain_index(const struct config_system *system, uint32_t name)
{
	uint32_t index = 0;

	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *domain = &system->domain[i];

		if (!strcmp(config_string(system, domain->name),
			    config_string(system, name)))
			break;
		index += domain->selected;
	}
	return index;
}

/* Said where the portal is served; it was checked that it is. */
static uint32_t portal_flags(
	const struct config_system *system, const struct config_portal *portal)
{
	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *d = &system->domain[i];

		if (strcmp(config_string(system, d->name),
			    config_string(system, portal->server)))
			continue;
		for (unsigned k = 0; k < d->nr_serves; k++)
			if (d->serve[k].ring &&
				!strcmp(config_string(system, d->serve[k].name),
					config_string(system, portal->name)))
				return LAUNCH_PORTAL_RING;
	}
	return 0;
}

static int add_portals(struct record *record,
	const struct config_system *system, const struct config_domain *from)
{
	uint32_t *nr = &record->header.nr_portals;

	if (from->nr_portals > LAUNCH_PORTALS_MAX - *nr)
		return -E2BIG;
	for (unsigned i = 0; i < from->nr_portals; i++)
		record->portal[(*nr)++] = (struct launch_portal){
			.name = from->portal[i].name,
			.server = domain_index(system, from->portal[i].server),
			.client = domain_index(system, from->name),
			.rights = from->portal[i].rights,
			.flags = portal_flags(system, &from->portal[i]),
		};
	return 0;
}

static int fill(struct record *record, const struct config_system *system,
	bool unreserved)
{
	int err = 0;

	for (unsigned i = 0; i < system->nr_domains && !err; i++) {
		const struct config_domain *domain = &system->domain[i];

		if (!domain->selected)
			continue;
		err = add_domain(record, domain, unreserved);
		if (!err)
			err = add_portals(record, system, domain);
	}
	return err;
}

static int write_parts(
	struct record *record, const struct config_system *system, int fd)
{
	struct launch_header *h = &record->header;
	const struct {
		const void *start;
		size_t size;
	} part[] = {
		{h, sizeof(*h)},
		{record->domain, h->nr_domains * sizeof(record->domain[0])},
		{record->module, h->nr_modules * sizeof(record->module[0])},
		{record->disk, h->nr_disks * sizeof(record->disk[0])},
		{record->net, h->nr_nets * sizeof(record->net[0])},
		{record->portal, h->nr_portals * sizeof(record->portal[0])},
		{system->strings.text, system->strings.size},
	};
	size_t size = 0;

	for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		size += part[i].size;
	h->size = (uint32_t)size;
	for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		int err = write_all(fd, part[i].start, part[i].size);

		if (err)
			return err;
	}
	return 0;
}

int record_write(const struct config_system *system, bool unreserved, int fd)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return -ENOMEM;
	record->header = (struct launch_header){
		.magic = LAUNCH_MAGIC,
		.version = LAUNCH_ABI_VERSION,
		.strings_size = system->strings.size,
		.host_slice_us = system->host_slice_us,
		.host_period_us = system->host_period_us,
	};

	int err = fill(record, system, unreserved);

	if (!err)
		err = write_parts(record, system, fd);
	free(record);
	return err;
}
