/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold between the domains of a system.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmm/admission.h"
#include "vmm/config/domain.h"
#include "vmm/config/file.h"
#include "vmm/config/system.h"
#include "vmm/config/value.h"
#include "vmm/launch.h"

#define NAMES_MAX 512

static bool same(const struct config_system *system, uint32_t a, uint32_t b)
{
	return !strcmp(config_string(system, a), config_string(system, b));
}

static void check_names(struct config_system *system)
{
	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *domain = &system->domain[i];

		for (unsigned j = 0; j < i && domain->name; j++) {
			const struct config_domain *other = &system->domain[j];

			if (!same(system, domain->name, other->name))
				continue;
			diag_add(&system->diag,
				(struct place){domain->file, domain->name_line},
				"name '%s' is also in %.200s:%d; write another",
				config_string(system, domain->name),
				other->file, other->name_line);
			break;
		}
	}
}

static const struct config_domain *find_domain(
	const struct config_system *system, uint32_t name)
{
	for (unsigned i = 0; i < system->nr_domains; i++)
		if (name && same(system, system->domain[i].name, name))
			return &system->domain[i];
	return NULL;
}

static bool serves(const struct config_system *system,
	const struct config_domain *domain, uint32_t portal)
{
	for (unsigned i = 0; i < domain->nr_serves; i++)
		if (same(system, domain->serve[i].name, portal))
			return true;
	return false;
}

static void check_portal(struct config_system *system,
	const struct config_domain *domain, const struct config_portal *portal)
{
	struct place place = {domain->file, portal->line};
	const struct config_domain *server =
		find_domain(system, portal->server);
	const char *name = config_string(system, portal->name);
	char names[NAMES_MAX];

	if (!server)
		diag_add(&system->diag, place,
			"portal '%s': no domain named '%s'; there are: %s",
			name, config_string(system, portal->server),
			config_names(system, names, sizeof(names)));
	else if (server == domain)
		diag_add(&system->diag, place,
			"portal '%s' leads to the domain itself; remove it: "
			"threads of one domain need none",
			name);
	else if (!serves(system, server, portal->name))
		diag_add(&system->diag, place,
			"domain %s serves no portal '%s'; write <hh:serve "
			"portal='%s'/> in %.150s",
			config_string(system, server->name), name, name,
			server->file);
	else if (!server->selected)
		diag_add(&system->diag, place,
			"portal '%s' needs domain %s, which is left out; "
			"select it, too",
			name, config_string(system, server->name));
}

static void check_portals(
	struct config_system *system, const struct config_domain *domain)
{
	for (unsigned i = 0; i < domain->nr_portals; i++) {
		for (unsigned j = 0; j < i; j++)
			if (same(system, domain->portal[i].name,
				    domain->portal[j].name))
				diag_add(&system->diag,
					(struct place){domain->file,
						domain->portal[i].line},
					"portal '%s' is also in line %d; write "
					"another name",
					config_string(
						system, domain->portal[i].name),
					domain->portal[j].line);
		check_portal(system, domain, &domain->portal[i]);
	}
	for (unsigned i = 0; i < domain->nr_serves; i++)
		for (unsigned j = 0; j < i; j++)
			if (same(system, domain->serve[i].name,
				    domain->serve[j].name))
				diag_add(&system->diag,
					(struct place){domain->file,
						domain->serve[i].line},
					"served portal '%s' is also in line "
					"%d; remove one",
					config_string(
						system, domain->serve[i].name),
					domain->serve[j].line);
}

/* Served slots count once for each client. */
static void check_slots(
	struct config_system *system, const struct config_domain *domain)
{
	unsigned slots = domain->nr_portals;

	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *client = &system->domain[i];

		for (unsigned j = 0; client->selected && j < client->nr_portals;
			j++)
			slots += same(
				system, client->portal[j].server, domain->name);
	}
	if (slots > BOOT_PORTALS_MAX)
		diag_add(&system->diag, (struct place){domain->file, 0},
			"domain %s has %u ends of portals; a domain can have "
			"%d",
			config_string(system, domain->name), slots,
			BOOT_PORTALS_MAX);
}

/* Blames the domain that has most of CPU @cpu. */
static struct place largest_share(
	const struct config_system *system, uint32_t cpu)
{
	struct place place = system->host_place;
	uint64_t largest = 0;

	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *domain = &system->domain[i];
		const struct config_reservation *r = &domain->reservation;

		if (!domain->selected || domain->cpu != cpu || !r->slice_us)
			continue;

		uint64_t share = r->slice_us * UINT64_C(1000000) / r->period_us;

		if (share > largest) {
			largest = share;
			place = (struct place){domain->file, r->line};
		}
	}
	return place;
}

static void refuse(struct config_system *system, uint32_t cpu, int err,
	const struct admission_refusal *refusal)
{
	struct place place = largest_share(system, cpu);
	char demand[VALUE_TIME_TEXT];
	char at[VALUE_TIME_TEXT];

	if (err == -E2BIG)
		diag_add(&system->diag, place,
			"CPU %u: these periods take too long to check; write "
			"periods that are multiples of each other",
			cpu);
	else if (!refusal->at_us)
		diag_add(&system->diag, place,
			"CPU %u: more than all of its time is reserved; write "
			"shorter slices, or another cpuset",
			cpu);
	else
		diag_add(&system->diag, place,
			"CPU %u: %s are due within the first %s (host "
			"included); write shorter slices, later deadlines, or "
			"another cpuset",
			cpu, value_time_text(refusal->demand_us, demand),
			value_time_text(refusal->at_us, at));
}

static void check_cpu(struct config_system *system, uint32_t cpu)
{
	struct admission_task task[LAUNCH_DOMAINS_MAX + 1];
	struct admission_refusal refusal = {0};
	unsigned nr = 0;

	task[nr++] = (struct admission_task){system->host_slice_us,
		system->host_period_us, system->host_period_us};
	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_reservation *r =
			&system->domain[i].reservation;

		if (system->domain[i].selected && system->domain[i].cpu == cpu)
			task[nr++] = (struct admission_task){
				r->slice_us, r->period_us, r->deadline_us};
	}

	int err = nr > 1 ? admission_check(task, nr, &refusal) : 0;

	/* -EINVAL: a reservation was refused by itself already. */
	if (err && err != -EINVAL)
		refuse(system, cpu, err, &refusal);
}

/* Host mappings: those that were asked for, then equal shares of the rest. */
static void share_runs(struct config_system *system)
{
	uint32_t left = LAUNCH_RUNS_MAX, others = 0, share;

	for (unsigned i = 0; i < system->nr_domains; i++) {
		const struct config_domain *d = &system->domain[i];

		if (!d->selected || d->kind != LAUNCH_KIND_L4)
			continue;
		others += !d->runs_line;
		if (d->runs > left)
			diag_add(&system->diag,
				(struct place){d->file, d->runs_line},
				"runs '%u' is more than other domains leave; "
				"write %u at most",
				d->runs, left);
		else
			left -= d->runs;
	}
	share = others ? left / others : 0;
	for (unsigned i = 0; i < system->nr_domains; i++) {
		struct config_domain *d = &system->domain[i];

		if (!d->runs_line && d->kind == LAUNCH_KIND_L4)
			d->runs = share < LAUNCH_RUNS ? share : LAUNCH_RUNS;
	}
}

void system_check(struct config_system *system)
{
	check_names(system);
	share_runs(system);
	for (unsigned i = 0; i < system->nr_domains; i++) {
		struct config_domain *domain = &system->domain[i];

		if (!domain->selected)
			continue;
		domain_check_interfaces(system, domain);
		check_portals(system, domain);
		check_slots(system, domain);
		file_check_domain(system, domain);
	}
	file_check_sharing(system);
}

void system_check_admission(struct config_system *system)
{
	for (uint32_t cpu = 0; cpu < LAUNCH_CPUS_MAX; cpu++)
		check_cpu(system, cpu);
}
