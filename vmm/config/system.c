/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the files of a system, one after the other, in the names' order.
 */
#include "vmm/config/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/config/domain.h"
#include "vmm/config/xml.h"

#define SUFFIX ".xml"
#define NAMES_MAX 512

static int is_domain_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
	       !strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* "dir/name" in the string area, so that it lives as long as the system. */
static const char *file_name(
	struct config_system *system, const char *dir, const char *name)
{
	char text[4352]; /* PATH_MAX + NAME_MAX */
	size_t length = strlen(dir);

	while (length > 1 && dir[length - 1] == '/')
		length--;
	snprintf(text, sizeof(text), "%.*s/%s", (int)length, dir, name);
	return config_string(
		system, config_keep(system, (struct place){dir, 0}, text));
}

static void read_file(struct config_system *system, struct xml_schema *schema,
	const char *file)
{
	struct config_domain *domain = &system->domain[system->nr_domains];
	unsigned errors = system->diag.nr;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		diag_add(&system->diag, (struct place){file, 0},
			"cannot be read: %s", strerror(errno));
		system->incomplete = true;
		return;
	}

	xmlDoc *doc = xml_load(&system->diag, fd, file);

	close(fd);
	if (!doc) {
		system->incomplete = true;
		return;
	}
	system->nr_domains++;
	domain->file = file;
	domain->selected = true;
	domain_read(system, domain, xmlDocGetRootElement(doc));
	/* The schema's messages say less: only what we have not seen. */
	if (schema && errors == system->diag.nr)
		xml_schema_check(schema, &system->diag, doc, file);
	xmlFreeDoc(doc);
}

static void read_files(struct config_system *system, const char *dir,
	struct dirent **entry, int nr)
{
	struct place place = {dir, 0};
	struct xml_schema *schema;

	if (nr == 0) {
		diag_add(&system->diag, place,
			"no file *.xml in this directory; write one for each "
			"domain");
		return;
	}
	schema = xml_schema_open(&system->diag);
	for (int i = 0; i < nr; i++) {
		if (system->nr_domains == LAUNCH_DOMAINS_MAX) {
			diag_add(&system->diag, place, "more than %d domains",
				LAUNCH_DOMAINS_MAX);
			break;
		}
		read_file(system, schema,
			file_name(system, dir, entry[i]->d_name));
	}
	xml_schema_close(schema);
}

void system_read(struct config_system *system, const char *dir)
{
	struct dirent **entry = NULL;
	int nr = scandir(dir, &entry, is_domain_file, by_name);

	system->host_slice_us = SYSTEM_HOST_SLICE_US;
	system->host_period_us = SYSTEM_HOST_PERIOD_US;
	if (nr < 0) {
		diag_add(&system->diag, (struct place){dir, 0},
			"cannot be read as a directory: %s; name a directory "
			"of domain files",
			strerror(errno));
		return;
	}
	read_files(system, dir, entry, nr);
	for (int i = 0; i < nr; i++)
		free(entry[i]);
	free(entry);
}

/* Is @name, @length bytes of a list, the name of @domain? */
static bool is_named(const struct config_system *system,
	const struct config_domain *domain, const char *name, size_t length)
{
	const char *own = config_string(system, domain->name);

	return strlen(own) == length && !memcmp(own, name, length);
}

void system_select(
	struct config_system *system, const char *dir, const char *only)
{
	bool selected[LAUNCH_DOMAINS_MAX] = {false};
	char names[NAMES_MAX];

	if (!only[strspn(only, ",")])
		diag_add(&system->diag, (struct place){dir, 0},
			"--only without a name; there are: %s",
			config_names(system, names, sizeof(names)));
	while (*only) {
		size_t length = strcspn(only, ",");
		bool found = false;

		for (unsigned i = 0; i < system->nr_domains; i++)
			if (is_named(system, &system->domain[i], only, length))
				selected[i] = found = true;
		if (length && !found)
			diag_add(&system->diag, (struct place){dir, 0},
				"no domain named '%.*s'; there are: %s",
				(int)length, only,
				config_names(system, names, sizeof(names)));
		only += length;
		only += *only == ',';
	}
	for (unsigned i = 0; i < system->nr_domains; i++)
		system->domain[i].selected = selected[i];
}
