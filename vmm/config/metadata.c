/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our element in <metadata>: what libvirt has no element for.
 * Source: docs/config.md, "Our element".
 */
#include <errno.h>
#include <string.h>

#include "vmm/abi/vmmcall.h"
#include "vmm/config/domain.h"
#include "vmm/config/file.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

#define PROGRAMS_MAX (CONFIG_MODULES_MAX - 2) /* sigma0, root task */

typedef void read_element(struct config_system *system,
	struct config_domain *domain, xmlNode *node);

struct element {
	const char *name;
	read_element *read;
	const char *attributes[6];
	bool l4_only;
};

static uint32_t attribute(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name)
{
	return xml_attribute(system, domain->file, node, name);
}

static const char *attribute_text(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name)
{
	return config_string(system, attribute(system, domain, node, name));
}

static void check_length(struct config_system *system, struct place place,
	uint32_t text, const char *what, unsigned size)
{
	if (strlen(config_string(system, text)) >= size)
		diag_add(&system->diag, place,
			"%s '%.40s...' is longer than %u bytes; write a "
			"shorter one",
			what, config_string(system, text), size - 1);
}

/* file=, name= and args= of @node into @module. */
static void read_program(struct config_system *system,
	struct config_domain *domain, xmlNode *node,
	struct config_module *module)
{
	struct place place = xml_place(domain->file, node);
	uint32_t file = attribute(system, domain, node, "file");

	file_set(system, place, &module->file, file);
	module->args = attribute(system, domain, node, "args");
	module->name = attribute(system, domain, node, "name");
	if (!module->name && file) {
		const char *slash = strrchr(config_string(system, file), '/');

		module->name =
			slash ? (uint32_t)(slash + 1 - system->strings.text)
			      : file;
	}
	check_length(system, place, module->name, "name", BOOT_NAME_MAX);
	check_length(system, place, module->args, "args", BOOT_ARGS_MAX);
}

static void read_module(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	if (domain->nr_modules == CONFIG_MODULES_MAX) {
		diag_add(&system->diag, xml_place(domain->file, node),
			"more than %d modules; remove this one", PROGRAMS_MAX);
		return;
	}
	read_program(
		system, domain, node, &domain->module[domain->nr_modules++]);
}

static void read_sigma0(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	read_program(system, domain, node, &domain->module[0]);
}

static void read_root(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	read_program(system, domain, node, &domain->module[1]);
}

/* "call notify" to PORTAL_*; 0 after an error. */
static uint32_t read_rights(
	struct config_system *system, struct place place, const char *text)
{
	static const struct {
		const char *name;
		uint32_t right;
	} known[] = {{"call", PORTAL_CALL}, {"send", PORTAL_SEND},
		{"notify", PORTAL_NOTIFY}, {"pass", PORTAL_PASS}, {NULL, 0}};
	uint32_t rights = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = strcspn(text, " ");
		unsigned i = 0;

		while (known[i].name &&
			(strlen(known[i].name) != length ||
				strncmp(known[i].name, text, length)))
			i++;
		if (!known[i].name) {
			diag_add(&system->diag, place,
				"right '%.*s' is not there; write some of "
				"'call send notify pass'",
				(int)length, text);
			return 0;
		}
		rights |= known[i].right;
		text += length;
	}
	return rights;
}

static bool is_usable_name(
	struct config_system *system, struct place place, uint32_t name)
{
	if (value_is_name(config_string(system, name)))
		return true;
	diag_add(&system->diag, place,
		"portal name '%s' is not usable; write 1 to %d of A-Z a-z 0-9 "
		". _ -",
		config_string(system, name), BOOT_NAME_MAX - 1);
	return false;
}

static void read_portal(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	struct config_portal portal = {
		.name = attribute(system, domain, node, "name"),
		.server = attribute(system, domain, node, "server"),
		.rights = PORTAL_CALL,
		.line = place.line,
	};

	if (attribute(system, domain, node, "rights"))
		portal.rights = read_rights(system, place,
			attribute_text(system, domain, node, "rights"));
	if (!is_usable_name(system, place, portal.name))
		return;
	if (domain->nr_portals == CONFIG_PORTALS_MAX) {
		diag_add(&system->diag, place, "more than %d portals",
			CONFIG_PORTALS_MAX);
		return;
	}
	domain->portal[domain->nr_portals++] = portal;
}

/*
 * How calls are carried: the caller's CPU time goes with them, or not; and
 * then a host thread may serve them.
 */
static bool read_is_ring(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	const char *text = attribute_text(system, domain, node, "calls");
	bool threads = !strcmp(text, "ring-threads");
	bool ring = threads || !strcmp(text, "ring");

	if (*text && !ring && strcmp(text, "lend") != 0)
		diag_add(&system->diag, xml_place(domain->file, node),
			"calls '%s' is not usable; write lend, ring or "
			"ring-threads",
			text);
	if (threads)
		domain->flags |= LAUNCH_THREAD;
	return ring;
}

static void read_serve(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	uint32_t name = attribute(system, domain, node, "portal");

	if (!is_usable_name(system, place, name))
		return;
	if (domain->nr_serves == CONFIG_PORTALS_MAX) {
		diag_add(&system->diag, place, "more than %d served portals",
			CONFIG_PORTALS_MAX);
		return;
	}
	domain->serve[domain->nr_serves++] = (struct config_serve){
		name, read_is_ring(system, domain, node), place.line};
}

static bool read_yes(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name)
{
	const char *text = attribute_text(system, domain, node, name);

	if (*text && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		diag_add(&system->diag, xml_place(domain->file, node),
			"%s '%s' is not usable; write yes or no", name, text);
	return !strcmp(text, "yes");
}

/* Whole frames; not changed if the attribute is not there. */
static void read_frame_count(struct config_system *system,
	struct config_domain *domain, xmlNode *node, const char *name,
	uint64_t *frames)
{
	const char *text = attribute_text(system, domain, node, name);
	uint64_t bytes;

	if (!*text)
		return;
	if (value_size(text, &bytes) || bytes % FRAME_BYTES)
		diag_add(&system->diag, xml_place(domain->file, node),
			"%s '%s' is not usable; write for example 4MiB", name,
			text);
	else
		*frames = bytes / FRAME_BYTES;
}

/* What concerns who decides about extra frames. */
static void read_policy(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	const char *share = attribute_text(system, domain, node, "share");

	if (*share && value_number(share, LAUNCH_SHARE_MAX, &domain->share))
		diag_add(&system->diag, place,
			"share '%s' is not usable; write a number up to %d",
			share, LAUNCH_SHARE_MAX);
	if (read_yes(system, domain, node, "control"))
		domain->flags |= LAUNCH_CONTROL;
}

/* Its RAM is all that it has. */
static void check_linux_frames(struct config_system *system,
	const struct config_domain *domain, xmlNode *node)
{
	static const char *const l4[] = {
		"guaranteed", "extra", "runs", "control"};

	for (unsigned i = 0; i < sizeof(l4) / sizeof(l4[0]); i++)
		if (attribute(system, domain, node, l4[i]))
			diag_add(&system->diag, xml_place(domain->file, node),
				"'%s' is for an L4 domain; remove it: a Linux "
				"domain is guaranteed its <currentMemory>",
				l4[i]);
}

static void read_frames(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	const char *runs = attribute_text(system, domain, node, "runs");

	if (domain->kind != LAUNCH_KIND_L4) {
		check_linux_frames(system, domain, node);
		read_policy(system, domain, node);
		return;
	}
	read_frame_count(
		system, domain, node, "guaranteed", &domain->frames_guaranteed);
	read_frame_count(system, domain, node, "extra", &domain->frames_extra);
	if (*runs)
		domain->runs_line = xml_place(domain->file, node).line;
	if (*runs && value_number(runs, LAUNCH_RUNS_MAX, &domain->runs))
		diag_add(&system->diag, xml_place(domain->file, node),
			"runs '%s' is not usable; write a number up to %d",
			runs, LAUNCH_RUNS_MAX);
	read_policy(system, domain, node);
}

static void read_interrupts(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	domain_read_time(
		system, domain, node, "off-limit", &domain->if_limit_us);
}

static const struct element elements[] = {
	{"reservation", domain_read_reservation,
		{"slice", "period", "deadline", "slack", NULL}, false},
	{"host", domain_read_host, {"slice", "period", NULL}, false},
	{"module", read_module, {"file", "name", "args", NULL}, true},
	{"sigma0", read_sigma0, {"file", NULL}, true},
	{"root", read_root, {"file", "args", NULL}, true},
	{"portal", read_portal, {"name", "server", "rights", NULL}, true},
	{"serve", read_serve, {"portal", "calls", NULL}, true},
	{"frames", read_frames,
		{"guaranteed", "extra", "runs", "share", "control", NULL},
		false},
	{"interrupts", read_interrupts, {"off-limit", NULL}, true},
	{NULL, NULL, {NULL}, false},
};

/* Every attribute of @node must be one of @known. */
static void check_attributes(struct config_system *system,
	const struct config_domain *domain, xmlNode *node,
	const char *const *known)
{
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		unsigned i = 0;

		while (known[i] &&
			(a->ns || strcmp((const char *)a->name, known[i])))
			i++;
		if (!known[i])
			diag_add(&system->diag, xml_place(domain->file, node),
				"<hh:%s> has no attribute '%s'; remove it",
				(const char *)node->name,
				(const char *)a->name);
	}
}

static void read_child(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	const struct element *e = elements;

	while (e->name && !xml_is_ours(node, e->name))
		e++;
	if (!e->name) {
		diag_add(&system->diag, place,
			"<%s> in <hh:domain> is not there; remove it: there "
			"are reservation, host, module, sigma0, root, portal, "
			"serve, frames, interrupts",
			(const char *)node->name);
		return;
	}
	check_attributes(system, domain, node, e->attributes);
	if (e->l4_only && domain->kind != LAUNCH_KIND_L4)
		diag_add(&system->diag, place,
			"<hh:%s> is for an L4 domain; write kind='l4', or "
			"remove it",
			e->name);
	else
		e->read(system, domain, node);
}

static bool read_kind(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	const char *kind = attribute_text(system, domain, node, "kind");

	if (!strcmp(kind, "l4"))
		domain->kind = LAUNCH_KIND_L4;
	else if (!strcmp(kind, "linux"))
		domain->kind = LAUNCH_KIND_LINUX;
	else
		diag_add(&system->diag, xml_place(domain->file, node),
			"kind '%s' is not there; write kind='l4' or "
			"kind='linux'",
			kind);
	return !strcmp(kind, "l4") || !strcmp(kind, "linux");
}

/* sigma0 and the root task, where the file does not say otherwise. */
static void set_default(struct config_system *system, struct place place,
	struct config_module *module, const char *name)
{
	file_set(
		system, place, &module->file, config_keep(system, place, name));
	module->name = config_keep(system, place, strrchr(name, '/') + 1);
}

static void read_ours(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	static const char *const known[] = {"kind", "essential", NULL};
	struct place place = xml_place(domain->file, node);

	check_attributes(system, domain, node, known);
	if (!read_kind(system, domain, node))
		return;
	if (read_yes(system, domain, node, "essential"))
		domain->flags |= LAUNCH_ESSENTIAL;
	if (domain->kind == LAUNCH_KIND_L4) {
		domain->nr_modules = 2;
		domain->frames_guaranteed = LAUNCH_FRAMES_GUARANTEED;
		set_default(system, place, &domain->module[0], DOMAIN_SIGMA0);
		set_default(system, place, &domain->module[1], DOMAIN_ROOT);
	}
	XML_EACH(child, node)
	{
		read_child(system, domain, child);
	}
	if (domain->kind == LAUNCH_KIND_L4 && (domain->flags & LAUNCH_BALLOON))
		diag_add(&system->diag, place,
			"an L4 domain has no memory balloon; write "
			"<memballoon model='none'/>");
	if (domain->kind == LAUNCH_KIND_L4 && domain->nr_nets)
		diag_add(&system->diag,
			(struct place){domain->file, domain->net[0].line},
			"an L4 domain has no <interface>; remove it: no "
			"program there would drive it");
	if (domain->kind == LAUNCH_KIND_L4 && domain->initrd.name)
		diag_add(&system->diag,
			(struct place){domain->file, domain->initrd.line},
			"<initrd> is for a Linux domain; write <hh:module> for "
			"what an L4 domain starts");
}

/* Ours, or another version of it: what others have in there is theirs. */
static bool is_nearly_ours(const xmlNode *node)
{
	return node->ns && !strncmp((const char *)node->ns->href,
				   HYPERHURD_SITE, strlen(HYPERHURD_SITE));
}

void domain_read_metadata(struct config_system *system,
	struct config_domain *domain, xmlNode *metadata)
{
	bool found = false;

	if (!metadata)
		return;
	XML_EACH(child, metadata)
	{
		if (xml_is_ours(child, "domain") && !found) {
			read_ours(system, domain, child);
			found = true;
		} else if (is_nearly_ours(child)) {
			diag_add(&system->diag, xml_place(domain->file, child),
				"<%s> in namespace '%s' is not there; write "
				"one <hh:domain> in namespace '%s' and the "
				"rest in it",
				(const char *)child->name,
				(const char *)child->ns->href,
				HYPERHURD_NAMESPACE);
		}
	}
}
