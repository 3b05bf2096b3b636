/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * <hh:reservation> and <hh:host>: time.
 * Source: docs/config.md, "Our element".
 */
#include <errno.h>

#include "vmm/config/domain.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

void domain_read_time(struct config_system *system,
	const struct config_domain *domain, xmlNode *node, const char *name,
	uint32_t *us)
{
	uint32_t text = xml_attribute(system, domain->file, node, name);

	if (!text)
		return;

	int err = value_time(config_string(system, text), us);

	if (err)
		diag_add(&system->diag, xml_place(domain->file, node),
			"%s '%s' is %s; write for example 10ms, 0.5ms, 250us",
			name, config_string(system, text),
			err == -ERANGE ? "longer than an hour"
				       : "not a time in whole microseconds");
}

/* slice <= deadline <= period, all within what the scheduler can do. */
static void check_reservation(struct config_system *system, struct place place,
	const struct config_reservation *r)
{
	struct diag *diag = &system->diag;
	char slice[VALUE_TIME_TEXT];
	char period[VALUE_TIME_TEXT];
	char deadline[VALUE_TIME_TEXT];
	char low[VALUE_TIME_TEXT];
	char high[VALUE_TIME_TEXT];

	value_time_text(r->slice_us, slice);
	value_time_text(r->period_us, period);
	value_time_text(r->deadline_us, deadline);
	if (r->period_us < LAUNCH_PERIOD_MIN_US ||
		r->period_us > LAUNCH_PERIOD_MAX_US)
		diag_add(diag, place,
			"period '%s' is not usable; write %s to %s", period,
			value_time_text(LAUNCH_PERIOD_MIN_US, low),
			value_time_text(LAUNCH_PERIOD_MAX_US, high));
	else if (r->slice_us < LAUNCH_SLICE_MIN_US)
		diag_add(diag, place,
			"slice '%s' is too short; write at least %s", slice,
			value_time_text(LAUNCH_SLICE_MIN_US, low));
	else if (r->slice_us > r->period_us)
		diag_add(diag, place,
			"slice '%s' is longer than period '%s'; write a slice "
			"of at most %s",
			slice, period, period);
	else if (r->deadline_us > r->period_us)
		diag_add(diag, place,
			"deadline '%s' is behind the period's end '%s'; write "
			"a deadline of at most %s",
			deadline, period, period);
	else if (r->slice_us > r->deadline_us)
		diag_add(diag, place,
			"slice '%s' is longer than deadline '%s'; write a "
			"slice of at most %s",
			slice, deadline, deadline);
}

void domain_read_reservation(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	struct config_reservation *r = &domain->reservation;
	uint32_t slack = xml_attribute(system, domain->file, node, "slack");
	unsigned errors = system->diag.nr;
	bool slice = xml_attribute(system, domain->file, node, "slice");
	bool period = xml_attribute(system, domain->file, node, "period");

	if (r->line)
		diag_add(&system->diag, place,
			"a second reservation; remove it: a domain has one");
	r->line = place.line;
	if (slack && value_number(config_string(system, slack),
			     LAUNCH_SLACK_MAX, &r->slack))
		diag_add(&system->diag, place,
			"slack '%s' is not usable; write 0 to %u",
			config_string(system, slack), LAUNCH_SLACK_MAX);
	if (!slice && !period && slack)
		return;
	if (!slice || !period) {
		diag_add(&system->diag, place,
			"a reservation without %s; write slice='10ms' "
			"period='50ms'",
			slice ? "period" : "slice");
		return;
	}
	domain_read_time(system, domain, node, "slice", &r->slice_us);
	domain_read_time(system, domain, node, "period", &r->period_us);
	r->deadline_us = r->period_us;
	domain_read_time(system, domain, node, "deadline", &r->deadline_us);
	if (errors == system->diag.nr)
		check_reservation(system, place, r);
}

void domain_read_host(struct config_system *system,
	struct config_domain *domain, xmlNode *node)
{
	struct place place = xml_place(domain->file, node);
	struct config_reservation r = {0};
	unsigned errors = system->diag.nr;

	if (system->host_place.file) {
		diag_add(&system->diag, place,
			"the host's reservation is already in %.100s:%d; "
			"remove one",
			system->host_place.file, system->host_place.line);
		return;
	}
	domain_read_time(system, domain, node, "slice", &r.slice_us);
	domain_read_time(system, domain, node, "period", &r.period_us);
	r.deadline_us = r.period_us;
	if (errors == system->diag.nr)
		check_reservation(system, place, &r);
	system->host_place = place;
	system->host_slice_us = r.slice_us;
	system->host_period_us = r.period_us;
}
