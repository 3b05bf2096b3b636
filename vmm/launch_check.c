/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a launch record.  Whoever wrote it is not trusted: every offset,
 * index, length and number is looked at here, once, and nowhere else.
 */
#include "vmm/launch.h"

#include <errno.h>
#include <string.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/vmmcall.h"

#define FLAGS                                                          \
	(LAUNCH_CONSOLE_SERIAL | LAUNCH_CONSOLE_VIRTIO | LAUNCH_RNG |  \
		LAUNCH_BALLOON | LAUNCH_REPORTING | LAUNCH_ESSENTIAL | \
		LAUNCH_CONTROL | LAUNCH_THREAD)
#define FRAME_BYTES 4096
#define FRAMES_MAX (UINT64_C(1) << 28) /* 1 TiB */

typedef const char *check_function(const struct launch *launch);

/* A string of at most @size - 1 bytes, beginning inside the string area. */
static bool is_string(const struct launch *l, uint32_t offset, uint32_t size)
{
	return offset < l->strings_size &&
	       strnlen(l->strings + offset, size) < size;
}

/* The string area ends with NUL, so every string in it does end. */
static bool is_file(const struct launch *l, uint32_t offset)
{
	return is_string(l, offset, LAUNCH_PATH_MAX) &&
	       l->strings[offset] == '/';
}

static bool is_name(const struct launch *l, uint32_t offset)
{
	return is_string(l, offset, BOOT_NAME_MAX) && l->strings[offset];
}

static bool is_run(uint32_t first, uint32_t nr, uint32_t total)
{
	return first <= total && nr <= total - first;
}

/* slice <= deadline <= period, or no period at all. */
static bool is_reservation(const struct launch_domain *d)
{
	if (!d->period_us)
		return !d->slice_us && !d->deadline_us;
	if (d->period_us < LAUNCH_PERIOD_MIN_US ||
		d->period_us > LAUNCH_PERIOD_MAX_US)
		return false;
	if (d->slice_us && d->slice_us < LAUNCH_SLICE_MIN_US)
		return false;
	return d->slice_us <= d->deadline_us && d->deadline_us &&
	       d->deadline_us <= d->period_us;
}

/* Both parts of a limit are, or are not, there. */
static bool is_rate(const struct launch_rate *r)
{
	return r->rate ? r->rate <= LAUNCH_RATE_MAX && r->burst &&
				 r->burst <= LAUNCH_BURST_MAX
		       : !r->burst;
}

static bool is_limit(const struct launch_limit *l)
{
	return is_rate(&l->mean) && is_rate(&l->peak);
}

static const char *check_kind(
	const struct launch *l, const struct launch_domain *d)
{
	switch (d->kind) {
	case LAUNCH_KIND_L4:
		if (d->nr_modules < 2 || d->nr_modules > BOOT_MODULES_MAX)
			return "domain: number of modules";
		if (d->initrd)
			return "domain: initrd of an L4 domain";
		if (d->flags & (LAUNCH_BALLOON | LAUNCH_REPORTING))
			return "domain: balloon of an L4 domain";
		if (d->nr_nets)
			return "domain: network of an L4 domain";
		return NULL;
	case LAUNCH_KIND_LINUX:
		if (d->nr_modules)
			return "domain: modules of a Linux domain";
		if (d->initrd && !is_file(l, d->initrd))
			return "domain: initrd";
		if (d->flags & LAUNCH_CONTROL)
			return "domain: control by a Linux domain";
		if (d->frames_guaranteed)
			return "domain: guaranteed frames beside its RAM";
		if (d->frames_extra >= d->ram_bytes / FRAME_BYTES)
			return "domain: more extra frames than RAM";
		if (d->frames_extra && !(d->flags & LAUNCH_BALLOON))
			return "domain: extra frames without a balloon";
		return NULL;
	default:
		return "domain: kind";
	}
}

static const char *check_domain(
	const struct launch *l, const struct launch_domain *d)
{
	if (!is_name(l, d->name))
		return "domain: name";
	if (d->ram_bytes < LAUNCH_RAM_MIN || d->ram_bytes > LAUNCH_RAM_MAX ||
		d->ram_bytes % LAUNCH_RAM_ALIGN)
		return "domain: size of RAM";
	if (!is_file(l, d->kernel))
		return "domain: kernel";
	if (!is_string(l, d->cmdline, LAUNCH_CMDLINE_MAX))
		return "domain: command line";
	if (d->cpu >= LAUNCH_CPUS_MAX)
		return "domain: CPU";
	if (!is_reservation(d))
		return "domain: reservation";
	if (d->slack > LAUNCH_SLACK_MAX)
		return "domain: slack";
	if (!is_run(d->first_module, d->nr_modules, l->nr_modules))
		return "domain: modules";
	if (!is_run(d->first_disk, d->nr_disks, l->nr_disks) ||
		d->nr_disks > BOOT_DEVICES_MAX)
		return "domain: disks";
	if (!is_run(d->first_net, d->nr_nets, l->nr_nets) ||
		d->nr_nets > LAUNCH_DOMAIN_NETS_MAX)
		return "domain: networks";
	if (d->on_crash > LAUNCH_CRASH_RESTART)
		return "domain: on_crash";
	if (d->flags & ~FLAGS)
		return "domain: flags";
	if (d->if_limit_us > LAUNCH_PERIOD_MAX_US)
		return "domain: limit of IF = 0";
	if (d->frames_extra > FRAMES_MAX)
		return "domain: extra frames";
	if (d->frames_guaranteed > FRAMES_MAX)
		return "domain: guaranteed frames";
	if (d->runs > LAUNCH_RUNS_MAX)
		return "domain: host mappings";
	if (d->share > LAUNCH_SHARE_MAX || d->reserved_0)
		return "domain: share";
	return check_kind(l, d);
}

/* What they are guaranteed together has to be there. */
static const char *check_sums(const struct launch *l)
{
	uint64_t runs = 0, frames = 0;

	for (uint32_t i = 0; i < l->nr_domains; i++) {
		runs += l->domain[i].runs;
		frames += l->domain[i].frames_guaranteed +
			  l->domain[i].frames_extra;
	}
	if (runs > LAUNCH_RUNS_MAX)
		return "domains: host mappings";
	return frames > FRAMES_MAX ? "domains: frames" : NULL;
}

static const char *check_domains(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_domains; i++) {
		const char *why = check_domain(l, &l->domain[i]);

		if (why)
			return why;
		for (uint32_t j = 0; j < i; j++)
			if (!strcmp(launch_string(l, l->domain[i].name),
				    launch_string(l, l->domain[j].name)))
				return "domain: name that another one has";
	}
	return check_sums(l);
}

static const char *check_modules(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_modules; i++) {
		const struct launch_module *m = &l->module[i];

		if (!is_file(l, m->file))
			return "module: file";
		if (!is_name(l, m->name))
			return "module: name";
		if (!is_string(l, m->args, BOOT_ARGS_MAX))
			return "module: arguments";
		if (m->reserved_0)
			return "module: reserved field";
	}
	return NULL;
}

static const char *check_disks(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_disks; i++) {
		const struct launch_disk *d = &l->disk[i];

		if (!is_file(l, d->file))
			return "disk: file";
		if (!is_string(l, d->serial, LAUNCH_SERIAL_MAX + 1))
			return "disk: serial";
		if (d->read_only > 1)
			return "disk: read_only";
		if (d->direct > 1)
			return "disk: direct";
		for (uint32_t j = 0; j < LAUNCH_LIMITS; j++)
			if (!is_limit(&d->limit[j]))
				return "disk: limit";
	}
	return NULL;
}

static const char *check_forwards(const struct launch_net *n)
{
	if (n->nr_forwards > LAUNCH_FORWARDS_MAX ||
		(n->nr_forwards && n->kind != LAUNCH_NET_USER))
		return "network: number of forwarded ports";
	for (uint32_t i = 0; i < n->nr_forwards; i++) {
		const struct launch_forward *f = &n->forward[i];

		if (!f->host_port || !f->guest_port || f->udp > 1)
			return "network: forwarded port";
	}
	return NULL;
}

static const char *check_net(const struct launch *l, const struct launch_net *n)
{
	if (n->kind != LAUNCH_NET_USER && n->kind != LAUNCH_NET_TAP)
		return "network: kind";
	if (!is_string(l, n->tap, LAUNCH_TAP_MAX + 1) ||
		!l->strings[n->tap] != (n->kind == LAUNCH_NET_USER))
		return "network: interface";
	if (n->mac[0] & 1)
		return "network: address";
	if (n->reserved_0 || n->reserved_1)
		return "network: reserved field";
	if (!is_limit(&n->inbound) || !is_limit(&n->outbound))
		return "network: limit";
	return check_forwards(n);
}

static const char *check_nets(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_nets; i++) {
		const char *why = check_net(l, &l->net[i]);

		if (why)
			return why;
	}
	return NULL;
}

static const char *check_portals(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_portals; i++) {
		const struct launch_portal *p = &l->portal[i];

		if (!is_name(l, p->name))
			return "portal: name";
		if (p->server >= l->nr_domains || p->client >= l->nr_domains ||
			p->server == p->client)
			return "portal: domains";
		if (l->domain[p->server].kind != LAUNCH_KIND_L4 ||
			l->domain[p->client].kind != LAUNCH_KIND_L4)
			return "portal: domain that is not L4";
		if (!p->rights || (p->rights & ~PORTAL_RIGHTS))
			return "portal: rights";
		if (p->flags & ~LAUNCH_PORTAL_RING)
			return "portal: flags";
		if (p->reserved_0)
			return "portal: reserved field";
	}
	return NULL;
}

/* A domain's boot information has room for so many ends of portals. */
static const char *check_portal_ends(const struct launch *l)
{
	for (uint32_t i = 0; i < l->nr_domains; i++) {
		unsigned ends = 0;

		for (uint32_t j = 0; j < l->nr_portals; j++)
			ends += l->portal[j].server == i ||
				l->portal[j].client == i;
		if (ends > BOOT_PORTALS_MAX)
			return "portal: too many at one domain";
	}
	return NULL;
}

static const char *check_header(const struct launch_header *h, size_t size)
{
	if (size < sizeof(*h) || size > LAUNCH_SIZE_MAX)
		return "header: size of the record";
	if (h->magic != LAUNCH_MAGIC)
		return "header: magic number";
	if (h->version != LAUNCH_ABI_VERSION)
		return "header: version";
	if (!h->nr_domains || h->nr_domains > LAUNCH_DOMAINS_MAX ||
		h->nr_modules > LAUNCH_MODULES_MAX ||
		h->nr_disks > LAUNCH_DISKS_MAX ||
		h->nr_nets > LAUNCH_NETS_MAX ||
		h->nr_portals > LAUNCH_PORTALS_MAX ||
		h->strings_size > LAUNCH_STRINGS_MAX)
		return "header: numbers";
	if (h->size != size ||
		size != sizeof(*h) +
				h->nr_domains * sizeof(struct launch_domain) +
				h->nr_modules * sizeof(struct launch_module) +
				h->nr_disks * sizeof(struct launch_disk) +
				h->nr_nets * sizeof(struct launch_net) +
				h->nr_portals * sizeof(struct launch_portal) +
				h->strings_size)
		return "header: size of the record";
	return NULL;
}

/* The host's reservation has the form of a domain's. */
static const char *check_host(const struct launch *l)
{
	const struct launch_domain host = {
		.slice_us = l->host_slice_us,
		.period_us = l->host_period_us,
		.deadline_us = l->host_period_us,
	};

	if (!host.slice_us || !is_reservation(&host))
		return "header: reservation of the host";
	return NULL;
}

/* Offset 0 is the empty string; the last string ends. */
static const char *check_strings(const struct launch *l)
{
	if (!l->strings_size || l->strings[0] ||
		l->strings[l->strings_size - 1])
		return "strings: do not begin and end with NUL";
	return NULL;
}

/* Only now that the header's numbers agree with the size. */
static struct launch parts(const struct launch_header *h)
{
	struct launch l = {
		.nr_domains = h->nr_domains,
		.nr_modules = h->nr_modules,
		.nr_disks = h->nr_disks,
		.nr_nets = h->nr_nets,
		.nr_portals = h->nr_portals,
		.strings_size = h->strings_size,
		.host_slice_us = h->host_slice_us,
		.host_period_us = h->host_period_us,
	};

	l.domain = (const struct launch_domain *)(h + 1);
	l.module = (const struct launch_module *)(l.domain + l.nr_domains);
	l.disk = (const struct launch_disk *)(l.module + l.nr_modules);
	l.net = (const struct launch_net *)(l.disk + l.nr_disks);
	l.portal = (const struct launch_portal *)(l.net + l.nr_nets);
	l.strings = (const char *)(l.portal + l.nr_portals);
	return l;
}

int launch_check(struct launch *launch, const void *record, size_t size,
	const char **why)
{
	static check_function *const checks[] = {check_strings, check_host,
		check_domains, check_modules, check_disks, check_nets,
		check_portals, check_portal_ends};

	memset(launch, 0, sizeof(*launch));
	*why = check_header(record, size);
	if (*why)
		return -EINVAL;

	const struct launch l = parts(record);

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		*why = checks[i](&l);
		if (*why)
			return -EINVAL;
	}
	*launch = l;
	return 0;
}
