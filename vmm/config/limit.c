/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * <iotune> of a disk and <bandwidth> of an interface, as pairs of token
 * buckets (virtio/limit.h).
 *
 * Who gives no burst gets what a tenth of a second brings: the limit holds
 * over any time that somebody notices, and few requests have to wait alone.
 * Source: libvirt, "Domain XML format", "Hard drives, floppy disks, CDROMs"
 * and "Quality of service".
 */
#include <stdio.h>
#include <string.h>

#include "vmm/config/domain.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

#define LENGTH_MAX_S 3600u
#define FRAME_MAX 1518u /* a burst has room for one */
#define KIB_LOG2 10
#define KIB_MAX (UINT32_MAX >> KIB_LOG2)

/* A disk's quantities, as LAUNCH_LIMIT_*: libvirt's names. */
static const char *const tuned[LAUNCH_LIMITS] = {"total_bytes_sec",
	"read_bytes_sec", "write_bytes_sec", "total_iops_sec", "read_iops_sec",
	"write_iops_sec"};

/* What <iotune> says of one quantity; 0: nothing. */
struct tuning {
	uint64_t rate, max, length_s;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static struct launch_rate bucket(uint64_t rate, uint64_t burst)
{
	return (struct launch_rate){rate, rate ? burst : 0};
}

/* The quantity that element @name is about, and where its value goes. */
static uint64_t *find_tuning(struct tuning *t, const char *name)
{
	for (unsigned i = 0; i < LAUNCH_LIMITS; i++) {
		size_t len = strlen(tuned[i]);

		if (strncmp(name, tuned[i], len) != 0)
			continue;
		if (!name[len])
			return &t[i].rate;
		if (!strcmp(name + len, "_max"))
			return &t[i].max;
		if (!strcmp(name + len, "_max_length"))
			return &t[i].length_s;
	}
	return NULL;
}

static void read_tuning(struct config_system *system, const char *file,
	struct tuning *t, xmlNode *node)
{
	const char *name = (const char *)node->name;
	const char *text =
		config_string(system, xml_content(system, file, node));
	uint64_t *value = find_tuning(t, name);

	if (!value)
		diag_add(&system->diag, xml_place(file, node),
			"<%s> in <iotune> is not there; remove it", name);
	else if (value_count(text, LAUNCH_RATE_MAX, value))
		diag_add(&system->diag, xml_place(file, node),
			"%s '%s' is not usable; write 0 to %llu", name, text,
			(unsigned long long)LAUNCH_RATE_MAX);
}

static void check_tuning(struct config_system *system, struct place place,
	const char *name, const struct tuning *t)
{
	if ((t->max || t->length_s) && !t->rate)
		diag_add(&system->diag, place,
			"%s_max without %s; write both, or none", name, name);
	else if (t->length_s && !t->max)
		diag_add(&system->diag, place,
			"%s_max_length without %s_max; write both, or none",
			name, name);
	else if (t->max && t->max <= t->rate)
		diag_add(&system->diag, place,
			"%s_max is not more than %s; write a larger one, or "
			"none",
			name, name);
	else if (t->length_s > LENGTH_MAX_S)
		diag_add(&system->diag, place,
			"%s_max_length is more than an hour; write 1 to %u",
			name, LENGTH_MAX_S);
}

/* @unit: what always passes as a whole */
static struct launch_limit tuned_limit(const struct tuning *t, uint64_t unit)
{
	uint64_t length_s = t->length_s ? t->length_s : 1;
	uint64_t burst = t->max ? t->max * length_s : t->rate / 10;

	if (burst > LAUNCH_BURST_MAX)
		burst = LAUNCH_BURST_MAX;
	return (struct launch_limit){
		bucket(t->rate, larger(burst, unit)),
		bucket(t->max, larger(t->max / 10, unit)),
	};
}

void domain_read_iotune(struct config_system *system, const char *file,
	struct config_disk *disk, xmlNode *node)
{
	struct tuning t[LAUNCH_LIMITS] = {0};
	struct place place = xml_place(file, node);
	unsigned errors = system->diag.nr;

	XML_EACH(child, node)
	{
		read_tuning(system, file, t, child);
	}
	for (unsigned i = 0; i < LAUNCH_LIMITS; i++) {
		unsigned total = i < LAUNCH_LIMIT_REQUESTS
					 ? LAUNCH_LIMIT_BYTES
					 : LAUNCH_LIMIT_REQUESTS;

		if (i != total && t[i].rate && t[total].rate)
			diag_add(&system->diag, place,
				"%s beside %s; write one of them", tuned[i],
				tuned[total]);
		check_tuning(system, place, tuned[i], &t[i]);
	}
	if (errors != system->diag.nr)
		return;
	for (unsigned i = 0; i < LAUNCH_LIMITS; i++)
		disk->limit[i] =
			tuned_limit(&t[i], i < LAUNCH_LIMIT_REQUESTS ? 512 : 1);
}

/* An attribute in KiB; 0 if it is not there. */
static uint64_t read_kib(struct config_system *system, const char *file,
	xmlNode *node, const char *name)
{
	uint32_t text = xml_attribute(system, file, node, name);
	uint32_t kib = 0;

	if (text && (value_number(config_string(system, text), KIB_MAX, &kib) ||
			    !kib))
		diag_add(&system->diag, xml_place(file, node),
			"%s '%s' is not usable; write 1 to %u, in KiB", name,
			config_string(system, text), KIB_MAX);
	return (uint64_t)kib << KIB_LOG2;
}

static void read_direction(struct config_system *system, const char *file,
	struct launch_limit *limit, xmlNode *node)
{
	struct place place = xml_place(file, node);
	unsigned errors = system->diag.nr;
	uint64_t average = read_kib(system, file, node, "average");
	uint64_t peak = read_kib(system, file, node, "peak");
	uint64_t burst = read_kib(system, file, node, "burst");

	if (xml_attribute(system, file, node, "floor"))
		diag_add(&system->diag, place,
			"floor is not there; remove it: nothing here can "
			"promise a rate");
	else if (errors == system->diag.nr && !average)
		diag_add(&system->diag, place,
			"no rate; write <%s average='...'/> in KiB a second",
			(const char *)node->name);
	else if (peak && peak < average)
		diag_add(&system->diag, place,
			"peak is less than average; write a larger one, or "
			"none");
	else if (burst && burst < FRAME_MAX)
		diag_add(&system->diag, place,
			"burst has no room for a frame; write 2 or more");
	if (errors != system->diag.nr)
		return;
	*limit = (struct launch_limit){
		bucket(average,
			burst ? burst : larger(average / 10, FRAME_MAX)),
		bucket(peak, larger(peak / 100, FRAME_MAX)),
	};
}

void domain_read_bandwidth(struct config_system *system, const char *file,
	struct config_net *net, xmlNode *node)
{
	XML_EACH(child, node)
	{
		if (xml_is(child, "inbound"))
			read_direction(system, file, &net->net.inbound, child);
		else if (xml_is(child, "outbound"))
			read_direction(system, file, &net->net.outbound, child);
	}
}
