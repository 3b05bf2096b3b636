/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The string area, and lists of names for messages.
 */
#include "vmm/config/model.h"

#include <stdio.h>
#include <string.h>

uint32_t config_keep(
	struct config_system *system, struct place place, const char *text)
{
	struct config_strings *strings = &system->strings;
	size_t length = strlen(text) + 1;

	if (!strings->size)
		strings->size = 1; /* offset 0 is the empty string */
	if (length == 1)
		return 0;
	if (length > LAUNCH_STRINGS_MAX - strings->size) {
		diag_add(&system->diag, place,
			"the texts of this system take more than %d bytes; "
			"write shorter ones or split the system",
			LAUNCH_STRINGS_MAX);
		return 0;
	}

	uint32_t offset = strings->size;

	memcpy(strings->text + offset, text, length);
	strings->size += (uint32_t)length;
	return offset;
}

const char *config_names(
	const struct config_system *system, char *buf, unsigned size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < system->nr_domains && used < size; i++) {
		const struct config_domain *domain = &system->domain[i];

		if (domain->selected && domain->name)
			used += (size_t)snprintf(buf + used, size - used,
				"%s%s", used ? ", " : "",
				config_string(system, domain->name));
	}
	return buf;
}
