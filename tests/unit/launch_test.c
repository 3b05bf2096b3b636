/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/launch_check.c */
/*
 * Every refusal of launch_check(): a good record with one thing changed.
 */
#include "vmm/launch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/abi/vmmcall.h"

/* Two L4 domains and a Linux domain; a disk; nets; a portal from 0 to 1. */
struct record {
	struct launch_header header;
	struct launch_domain domain[3];
	struct launch_module module[4];
	struct launch_disk disk[1];
	struct launch_net net[2];
	struct launch_portal portal[1];
	char strings[40];
};

enum {
	FILE_NAME = 1, /* "/f" */
	NAME_A = 4,
	NAME_B = 6,
	NAME_C = 8,
	RELATIVE = 10, /* "x/f" */
	UNENDED = 14,  /* 25 letters, NUL at the record's end only */
};

static const struct record good = {
	.header =
		{
			.magic = LAUNCH_MAGIC,
			.version = LAUNCH_ABI_VERSION,
			.size = sizeof(struct record),
			.nr_domains = 3,
			.nr_modules = 4,
			.nr_disks = 1,
			.nr_nets = 2,
			.nr_portals = 1,
			.strings_size = sizeof(good.strings),
			.host_slice_us = 500,
			.host_period_us = 10000,
		},
	.domain =
		{
			{.name = NAME_A,
				.kind = LAUNCH_KIND_L4,
				.ram_bytes = 0x800000,
				.kernel = FILE_NAME,
				.slice_us = 10000,
				.period_us = 50000,
				.deadline_us = 14000,
				.slack = 1,
				.first_module = 0,
				.nr_modules = 2,
				.flags = LAUNCH_ESSENTIAL},
			{.name = NAME_B,
				.kind = LAUNCH_KIND_L4,
				.ram_bytes = 0x800000,
				.kernel = FILE_NAME,
				.first_module = 2,
				.nr_modules = 2},
			{.name = NAME_C,
				.kind = LAUNCH_KIND_LINUX,
				.ram_bytes = 0x8000000,
				.kernel = FILE_NAME,
				.initrd = FILE_NAME,
				.cmdline = NAME_A,
				.cpu = 63,
				.first_module = 4,
				.first_disk = 0,
				.nr_disks = 1,
				.first_net = 0,
				.nr_nets = 2,
				.on_crash = LAUNCH_CRASH_RESTART,
				.flags = LAUNCH_CONSOLE_SERIAL | LAUNCH_RNG},
		},
	.module = {{FILE_NAME, NAME_A, 0, 0}, {FILE_NAME, NAME_A, 0, 0},
		{FILE_NAME, NAME_A, 0, 0}, {FILE_NAME, NAME_A, 0, 0}},
	.disk = {{FILE_NAME, NAME_A, 1, 0, {{{1000, 100}, {2000, 200}}}}},
	.net =
		{
			{.kind = LAUNCH_NET_USER,
				.mac = {0x52, 0x54, 0, 1, 2, 3},
				.nr_forwards = 1,
				.inbound = {{1000, 2000}, {0, 0}},
				.forward = {{0x7f000001, 2222, 22, 0}}},
			{.kind = LAUNCH_NET_TAP,
				.tap = NAME_A,
				.mac = {0x52, 0x54, 0, 1, 2, 4}},
		},
	.portal = {{NAME_A, 1, 0, PORTAL_CALL, 0, 0}},
	.strings = "\0/f\0a\0b\0c\0x/f\0abcdefghijklmnopqrstuvwxy",
};

_Static_assert(
	sizeof(struct record) == sizeof(struct launch_header) +
					 3 * sizeof(struct launch_domain) +
					 4 * sizeof(struct launch_module) +
					 sizeof(struct launch_disk) +
					 2 * sizeof(struct launch_net) +
					 sizeof(struct launch_portal) + 40,
	"no padding");

/* The verdict on @r, with the reason in @why. */
static int check(const struct record *r, size_t size, const char **why)
{
	/* On the heap, so that reading beyond the end is seen. */
	void *copy = malloc(size);
	struct launch launch;
	int err;

	memcpy(copy, r, size);
	err = launch_check(&launch, copy, size, why);
	free(copy);
	return err;
}

/* One change: 32 bits at an offset, and what is said about it. */
struct change {
	size_t offset;
	uint32_t value;
	const char *why;
};

#define AT(member) offsetof(struct record, member)

static void check_changes(const struct change *change, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		struct record r = good;
		const char *why = NULL;

		memcpy((char *)&r + change[i].offset, &change[i].value,
			sizeof(change[i].value));
		CHECK_EQ(check(&r, sizeof(r), &why), (uint64_t)-EINVAL);
		CHECK_STR(why ? why : "(accepted)", change[i].why);
	}
}

#define CHECK_CHANGES(changes) \
	check_changes(changes, sizeof(changes) / sizeof((changes)[0]))

TEST(good_record_is_accepted)
{
	struct record r = good;
	struct launch launch;
	const char *why;

	REQUIRE(launch_check(&launch, &r, sizeof(r), &why) == 0);
	CHECK_EQ(launch.nr_domains, 3);
	CHECK_EQ(launch.nr_portals, 1);
	CHECK_EQ(launch.host_slice_us, 500);
	CHECK_STR(launch_string(&launch, launch.domain[1].name), "b");
	CHECK_STR(launch_string(&launch, launch.disk[0].file), "/f");
	CHECK(launch.portal == r.portal);
	CHECK(launch.record == NULL);
}

TEST(refused_record_leaves_nothing_to_use)
{
	struct record r = good;
	struct launch launch;
	const char *why;

	r.domain[2].kind = 9;
	CHECK_EQ(launch_check(&launch, &r, sizeof(r), &why), (uint64_t)-EINVAL);
	CHECK_EQ(launch.nr_domains, 0);
	CHECK(launch.domain == NULL);
}

TEST(header_is_checked)
{
	static const struct change changes[] = {
		{AT(header.magic), 1, "header: magic number"},
		{AT(header.version), LAUNCH_ABI_VERSION + 1, "header: version"},
		{AT(header.size), 8, "header: size of the record"},
		{AT(header.nr_domains), 0, "header: numbers"},
		{AT(header.nr_domains), 65, "header: numbers"},
		{AT(header.nr_domains), 2, "header: size of the record"},
		{AT(header.nr_modules), 257, "header: numbers"},
		{AT(header.nr_disks), 65, "header: numbers"},
		{AT(header.nr_portals), 257, "header: numbers"},
		{AT(header.strings_size), 65537, "header: numbers"},
		{AT(header.strings_size), 39, "header: size of the record"},
		{AT(header.nr_nets), 65, "header: numbers"},
		{AT(header.host_slice_us), 0,
			"header: reservation of the host"},
		{AT(header.host_slice_us), 10001,
			"header: reservation of the host"},
		{AT(header.host_period_us), 0,
			"header: reservation of the host"},
	};

	CHECK_CHANGES(changes);
}

TEST(record_of_any_other_size_is_refused)
{
	const char *why;

	for (size_t size = 0; size < sizeof(good); size++)
		CHECK_EQ(check(&good, size, &why), (uint64_t)-EINVAL);
}

TEST(strings_begin_and_end_with_nul)
{
	struct record r = good;
	const char *why;

	r.strings[0] = 'x';
	CHECK_EQ(check(&r, sizeof(r), &why), (uint64_t)-EINVAL);
	r = good;
	r.strings[sizeof(r.strings) - 1] = 'x';
	CHECK_EQ(check(&r, sizeof(r), &why), (uint64_t)-EINVAL);
	CHECK_STR(why, "strings: do not begin and end with NUL");
}

TEST(domains_are_checked)
{
	static const struct change changes[] = {
		{AT(domain[0].name), 0, "domain: name"},
		{AT(domain[0].name), 40, "domain: name"},
		{AT(domain[0].name), UINT32_MAX, "domain: name"},
		{AT(domain[1].name), NAME_A,
			"domain: name that another one has"},
		{AT(domain[0].kind), 0, "domain: kind"},
		{AT(domain[0].kind), LAUNCH_KIND_UEFI, "domain: kind"},
		{AT(domain[0].ram_bytes), 0x200000, "domain: size of RAM"},
		{AT(domain[0].ram_bytes), 0x801000, "domain: size of RAM"},
		{AT(domain[0].ram_bytes) + 4, 1, "domain: size of RAM"},
		{AT(domain[0].kernel), 0, "domain: kernel"},
		{AT(domain[0].kernel), RELATIVE, "domain: kernel"},
		{AT(domain[0].initrd), FILE_NAME,
			"domain: initrd of an L4 domain"},
		{AT(domain[2].initrd), RELATIVE, "domain: initrd"},
		{AT(domain[0].cmdline), 40, "domain: command line"},
		{AT(domain[0].cpu), 64, "domain: CPU"},
		{AT(domain[0].slack), 101, "domain: slack"},
		{AT(domain[0].first_module), 3, "domain: modules"},
		{AT(domain[0].first_module), UINT32_MAX, "domain: modules"},
		{AT(domain[0].nr_modules), 1, "domain: number of modules"},
		{AT(domain[0].nr_modules), 5, "domain: modules"},
		{AT(domain[2].nr_modules), UINT32_MAX, "domain: modules"},
		{AT(domain[2].nr_disks), 2, "domain: disks"},
		{AT(domain[2].nr_nets), 3, "domain: networks"},
		{AT(domain[2].first_net), 1, "domain: networks"},
		{AT(domain[0].nr_nets), 1, "domain: network of an L4 domain"},
		{AT(domain[2].first_disk), 1, "domain: disks"},
		{AT(domain[0].on_crash), 2, "domain: on_crash"},
		{AT(domain[0].flags), 256, "domain: flags"},
		{AT(domain[2].flags), LAUNCH_CONTROL,
			"domain: control by a Linux domain"},
		{AT(domain[2].frames_guaranteed), 1,
			"domain: guaranteed frames beside its RAM"},
		{AT(domain[2].frames_extra), 0x0fffffff,
			"domain: more extra frames than RAM"},
		{AT(domain[2].frames_extra), 1,
			"domain: extra frames without a balloon"},
		{AT(domain[0].share), LAUNCH_SHARE_MAX + 1, "domain: share"},
		{AT(domain[0].reserved_0), 1, "domain: share"},
		{AT(domain[0].flags), LAUNCH_BALLOON,
			"domain: balloon of an L4 domain"},
		{AT(domain[0].if_limit_us), 60000001,
			"domain: limit of IF = 0"},
		{AT(domain[0].frames_extra), 0x10000001,
			"domain: extra frames"},
		{AT(domain[0].frames_guaranteed), 0x10000001,
			"domain: guaranteed frames"},
		{AT(domain[0].runs), LAUNCH_RUNS_MAX + 1,
			"domain: host mappings"},
	};

	CHECK_CHANGES(changes);
}

TEST(linux_domain_has_no_modules)
{
	struct record r = good;
	const char *why;

	r.domain[2].first_module = 2;
	r.domain[2].nr_modules = 2;
	CHECK_EQ(check(&r, sizeof(r), &why), (uint64_t)-EINVAL);
	CHECK_STR(why, "domain: modules of a Linux domain");
}

TEST(reservations_are_checked)
{
	static const struct change changes[] = {
		{AT(domain[0].slice_us), 14001, "domain: reservation"},
		{AT(domain[0].slice_us), 99, "domain: reservation"},
		{AT(domain[0].period_us), 999, "domain: reservation"},
		{AT(domain[0].period_us), 60000001, "domain: reservation"},
		{AT(domain[0].period_us), 0, "domain: reservation"},
		{AT(domain[0].deadline_us), 50001, "domain: reservation"},
		{AT(domain[0].deadline_us), 0, "domain: reservation"},
		{AT(domain[1].slice_us), 1000, "domain: reservation"},
		{AT(domain[1].deadline_us), 1000, "domain: reservation"},
	};

	CHECK_CHANGES(changes);
}

TEST(period_without_reservation_is_accepted)
{
	struct record r = good;
	const char *why;

	r.domain[0].slice_us = 0;
	CHECK_EQ(check(&r, sizeof(r), &why), 0);
}

TEST(modules_and_disks_are_checked)
{
	static const struct change changes[] = {
		{AT(module[3].file), 0, "module: file"},
		{AT(module[3].file), RELATIVE, "module: file"},
		{AT(module[3].name), 0, "module: name"},
		{AT(module[3].name), 40, "module: name"},
		{AT(module[3].args), 41, "module: arguments"},
		{AT(module[3].reserved_0), 1, "module: reserved field"},
		{AT(disk[0].file), 0, "disk: file"},
		{AT(disk[0].serial), UNENDED, "disk: serial"},
		{AT(disk[0].read_only), 2, "disk: read_only"},
		{AT(disk[0].direct), 2, "disk: direct"},
		{AT(disk[0].limit[0].mean.burst), 0, "disk: limit"},
		{AT(disk[0].limit[0].peak.rate) + 4, 0x101, "disk: limit"},
		{AT(disk[0].limit[0].peak.burst) + 4, 0x1001, "disk: limit"},
		{AT(disk[0].limit[5].mean.burst), 1, "disk: limit"},
	};

	CHECK_CHANGES(changes);
}

TEST(networks_are_checked)
{
	static const struct change changes[] = {
		{AT(net[0].kind), 0, "network: kind"},
		{AT(net[0].kind), 3, "network: kind"},
		{AT(net[0].tap), NAME_A, "network: interface"},
		{AT(net[1].tap), 0, "network: interface"},
		{AT(net[1].tap), UNENDED, "network: interface"},
		{AT(net[1].tap), 40, "network: interface"},
		{AT(net[0].mac), 1, "network: address"},
		{AT(net[0].mac) + 4, 0x10302, "network: reserved field"},
		{AT(net[0].reserved_1), 1, "network: reserved field"},
		{AT(net[0].inbound.mean.rate), 0, "network: limit"},
		{AT(net[0].outbound.peak.rate), 1, "network: limit"},
		{AT(net[0].nr_forwards), 9,
			"network: number of forwarded ports"},
		{AT(net[1].nr_forwards), 1,
			"network: number of forwarded ports"},
		{AT(net[0].forward[0].host_port), 0x160000,
			"network: forwarded port"},
		{AT(net[0].forward[0].host_port), 2222,
			"network: forwarded port"},
		{AT(net[0].forward[0].udp), 2, "network: forwarded port"},
	};

	CHECK_CHANGES(changes);
}

TEST(portals_are_checked)
{
	static const struct change changes[] = {
		{AT(portal[0].name), 0, "portal: name"},
		{AT(portal[0].server), 3, "portal: domains"},
		{AT(portal[0].client), 3, "portal: domains"},
		{AT(portal[0].client), 1, "portal: domains"},
		{AT(portal[0].server), 2, "portal: domain that is not L4"},
		{AT(portal[0].client), 2, "portal: domain that is not L4"},
		{AT(portal[0].rights), 0, "portal: rights"},
		{AT(portal[0].rights), 16, "portal: rights"},
		{AT(portal[0].flags), 2, "portal: flags"},
		{AT(portal[0].reserved_0), 1, "portal: reserved field"},
	};

	CHECK_CHANGES(changes);
}

/* Whatever bytes come: a verdict, and no access outside of the record. */
TEST(record_of_changed_bytes_gets_a_verdict)
{
	uint32_t state = 1;
	unsigned accepted = 0;

	for (unsigned i = 0; i < 100000; i++) {
		struct record r = good;
		const char *why;

		for (unsigned j = 0; j <= i % 3; j++) {
			state = state * 1664525 + 1013904223;
			((unsigned char *)&r)[(state >> 8) % sizeof(r)] =
				(unsigned char)(state >> 24);
		}
		accepted += check(&r, sizeof(r), &why) == 0;
	}
	CHECK(accepted < 100000);
}

TAP_MAIN(CASE(good_record_is_accepted),
	CASE(refused_record_leaves_nothing_to_use), CASE(header_is_checked),
	CASE(record_of_any_other_size_is_refused),
	CASE(strings_begin_and_end_with_nul), CASE(domains_are_checked),
	CASE(linux_domain_has_no_modules), CASE(reservations_are_checked),
	CASE(period_without_reservation_is_accepted),
	CASE(modules_and_disks_are_checked), CASE(networks_are_checked),
	CASE(portals_are_checked), CASE(record_of_changed_bytes_gets_a_verdict))
