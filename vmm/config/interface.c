/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * <interface>: user networking, or a TAP interface of the host.
 * Source: libvirt, "Domain XML format", "Network interfaces".
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "vmm/config/domain.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

#define PORT_MAX 65535u
#define FNV_BASIS UINT32_C(2166136261) /* of a 32-bit FNV-1a hash */
#define FNV_PRIME UINT32_C(16777619)

static const char *attribute(struct config_system *system, const char *file,
	xmlNode *node, const char *name)
{
	return config_string(system, xml_attribute(system, file, node, name));
}

/* The same each time, and another for each domain and interface. */
static void make_mac(const char *name, unsigned index, uint8_t *mac)
{
	uint32_t hash = FNV_BASIS ^ index;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * FNV_PRIME;
	mac[0] = 0x52; /* as QEMU's and libvirt's */
	mac[1] = 0x54;
	mac[2] = 0;
	mac[3] = (uint8_t)(hash >> 16);
	mac[4] = (uint8_t)(hash >> 8);
	mac[5] = (uint8_t)hash;
}

static void read_mac(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *node)
{
	const char *text = attribute(system, file, node, "address");
	unsigned byte[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1],
		    &byte[2], &byte[3], &byte[4], &byte[5], &end) != 6 ||
		text[end] || byte[0] & 1) {
		diag_add(&system->diag, xml_place(file, node),
			"address '%s' is not usable; write one interface's, "
			"such as 52:54:00:12:34:56",
			text);
		return;
	}
	for (unsigned i = 0; i < 6; i++)
		net->net.mac[i] = (uint8_t)byte[i];
}

static void read_target(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *node)
{
	struct place place = xml_place(file, node);

	if (net->net.kind != LAUNCH_NET_TAP)
		return; /* libvirt's name for its own end */
	net->net.tap = xml_attribute(system, file, node, "dev");
	if (strlen(config_string(system, net->net.tap)) > LAUNCH_TAP_MAX)
		diag_add(&system->diag, place,
			"interface '%s' is longer than %d characters; write "
			"that of one that is there",
			config_string(system, net->net.tap), LAUNCH_TAP_MAX);
	if (strcmp(attribute(system, file, node, "managed"), "no") != 0)
		diag_add(&system->diag, place,
			"the interface would have to be made; make it, and "
			"write managed='no'");
}

/* Unchanged if it is not there. */
static void read_port(struct config_system *system, const char *file,
	xmlNode *node, const char *name, uint32_t *port)
{
	const char *text = attribute(system, file, node, name);

	if (*text && (value_number(text, PORT_MAX, port) || !*port))
		diag_add(&system->diag, xml_place(file, node),
			"%s '%s' is no port; write 1 to %u", name, text,
			PORT_MAX);
}

/* start to end go to `to` and what follows it. */
static void read_range(struct config_system *system, const char *file,
	struct config_net *net, const struct launch_forward *base,
	xmlNode *node)
{
	struct place place = xml_place(file, node);
	struct launch_net *n = &net->net;
	unsigned errors = system->diag.nr;
	uint32_t start = 0, end, to;

	read_port(system, file, node, "start", &start);
	end = to = start;
	read_port(system, file, node, "end", &end);
	read_port(system, file, node, "to", &to);
	if (xml_attribute(system, file, node, "exclude"))
		diag_add(&system->diag, place,
			"exclude is not there; write the ports that are meant");
	if (errors != system->diag.nr)
		return;
	if (end < start ||
		end - start >= LAUNCH_FORWARDS_MAX - n->nr_forwards ||
		to + (end - start) > PORT_MAX) {
		diag_add(&system->diag, place,
			"ports %u to %u are not usable; write at most %d for "
			"an interface",
			start, end, LAUNCH_FORWARDS_MAX);
		return;
	}
	for (uint32_t i = 0; i <= end - start; i++) {
		struct launch_forward *f = &n->forward[n->nr_forwards++];

		*f = *base;
		f->host_port = (uint16_t)(start + i);
		f->guest_port = (uint16_t)(to + i);
	}
}

static void read_forward(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *node)
{
	const char *text = attribute(system, file, node, "address");
	struct launch_forward base = {0};
	struct in_addr address = {0};

	base.udp = !strcmp(attribute(system, file, node, "proto"), "udp");
	if (*text && inet_pton(AF_INET, text, &address) != 1)
		diag_add(&system->diag, xml_place(file, node),
			"address '%s' is not usable; write an IPv4 address",
			text);
	base.address = ntohl(address.s_addr);
	if (xml_attribute(system, file, node, "dev"))
		diag_add(&system->diag, xml_place(file, node),
			"dev is not there; write address='...'");
	if (!xmlFirstElementChild(node))
		diag_add(&system->diag, xml_place(file, node),
			"no port; write <range start='...' to='...'/> in "
			"<portForward>");
	XML_EACH(child, node)
	{
		read_range(system, file, net, &base, child);
	}
}

static void read_element(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *node)
{
	const char *model;

	if (xml_is(node, "mac")) {
		read_mac(system, file, net, node);
	} else if (xml_is(node, "target")) {
		read_target(system, file, net, node);
	} else if (xml_is(node, "bandwidth")) {
		domain_read_bandwidth(system, file, net, node);
	} else if (xml_is(node, "portForward")) {
		read_forward(system, file, net, node);
	} else if (xml_is(node, "model")) {
		model = attribute(system, file, node, "type");
		if (strcmp(model, "virtio") != 0)
			diag_add(&system->diag, xml_place(file, node),
				"interface model '%s' is not there; write "
				"type='virtio'",
				model);
	} else if (!xml_is(node, "address") && !xml_is(node, "alias") &&
		   !xml_is(node, "backend")) {
		diag_add(&system->diag, xml_place(file, node),
			"<%s> in <interface> is not there; remove it",
			(const char *)node->name);
	}
}

/* What has to be there, and what does not go together. */
static void check_interface(struct config_system *system, struct place place,
	const struct config_net *net, bool has_model)
{
	const struct launch_net *n = &net->net;

	if (!has_model)
		diag_add(&system->diag, place,
			"no interface model; write <model type='virtio'/> in "
			"<interface>");
	if (n->kind == LAUNCH_NET_TAP && !n->tap)
		diag_add(&system->diag, place,
			"no interface; write <target dev='tap0' "
			"managed='no'/> in <interface>");
	if (n->kind == LAUNCH_NET_TAP && n->nr_forwards)
		diag_add(&system->diag, place,
			"<portForward> is for type='user'; remove it");
}

void domain_read_interface(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	const char *type = attribute(system, domain->file, node, "type");
	struct config_net net = {.line = place.line};
	bool has_model = false;

	if (!strcmp(type, "user"))
		net.net.kind = LAUNCH_NET_USER;
	else if (!strcmp(type, "ethernet"))
		net.net.kind = LAUNCH_NET_TAP;
	if (!net.net.kind) {
		diag_add(&system->diag, place,
			"interface type '%s' is not there; write type='user' "
			"or type='ethernet'",
			type);
		return;
	}
	XML_EACH(child, node)
	{
		read_element(system, domain->file, &net, child);
		has_model |= xml_is(child, "model");
	}
	check_interface(system, place, &net, has_model);
	if (domain->nr_nets == CONFIG_NETS_MAX)
		diag_add(&system->diag, place, "more than %d interfaces",
			CONFIG_NETS_MAX);
	else
		domain->net[domain->nr_nets++] = net;
}

static bool same_mac(const struct config_net *a, const struct config_net *b)
{
	return !memcmp(a->net.mac, b->net.mac, sizeof(a->net.mac));
}

static void compare(struct config_system *system,
	const struct config_domain *domain, const struct config_net *net,
	const struct config_domain *other, const struct config_net *second)
{
	struct place place = {domain->file, net->line};
	const char *tap = config_string(system, net->net.tap);

	if (*tap && !strcmp(tap, config_string(system, second->net.tap)))
		diag_add(&system->diag, place,
			"interface '%s' also belongs to %.200s:%d; write "
			"another",
			tap, other->file, second->line);
	if (same_mac(net, second))
		diag_add(&system->diag, place,
			"the address is also in %.200s:%d; write another",
			other->file, second->line);
}

/* Each with those before it. */
static void check_alone(struct config_system *system,
	const struct config_domain *domain, const struct config_net *net)
{
	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *other = &system->domain[i];

		for (unsigned j = 0; other->selected && j < other->nr_nets;
			j++) {
			if (&other->net[j] == net)
				return;
			compare(system, domain, net, other, &other->net[j]);
		}
	}
}

void domain_check_interfaces(
	struct config_system *system, struct config_domain *domain)
{
	static const uint8_t none[sizeof(domain->net[0].net.mac)];

	for (unsigned i = 0; i < domain->nr_nets; i++) {
		uint8_t *mac = domain->net[i].net.mac;

		if (!memcmp(mac, none, sizeof(none)))
			make_mac(config_string(system, domain->name), i, mac);
		check_alone(system, domain, &domain->net[i]);
	}
}
