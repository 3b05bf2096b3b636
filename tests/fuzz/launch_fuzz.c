/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/launch_check.c */
/*
 * Launch records from someone who wants to harm the VMM: what launch_check()
 * accepts can be walked through without leaving the record.
 */
#include <stdlib.h>
#include <string.h>

#include "vmm/launch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct launch *l)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < l->nr_domains; i++) {
		const struct launch_domain *d = &l->domain[i];

		sum += strlen(launch_string(l, d->name)) +
		       strlen(launch_string(l, d->kernel)) +
		       strlen(launch_string(l, d->initrd)) +
		       strlen(launch_string(l, d->cmdline));
		for (uint32_t j = 0; j < d->nr_modules; j++) {
			const struct launch_module *m =
				&l->module[d->first_module + j];

			sum += strlen(launch_string(l, m->file)) +
			       strlen(launch_string(l, m->name)) +
			       strlen(launch_string(l, m->args));
		}
		for (uint32_t j = 0; j < d->nr_disks; j++)
			sum += strlen(launch_string(
				l, l->disk[d->first_disk + j].file));
	}
	for (uint32_t i = 0; i < l->nr_portals; i++)
		sum += strlen(launch_string(l, l->portal[i].name)) +
		       l->domain[l->portal[i].server].kind +
		       l->domain[l->portal[i].client].kind;
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct launch_header *record = malloc(size ? size : 1);
	struct launch launch;
	const char *why;

	memcpy(record, data, size);
	/* What a fuzzer would only lose time with. */
	if (size >= sizeof(*record)) {
		record->magic = LAUNCH_MAGIC;
		record->version = LAUNCH_ABI_VERSION;
		record->size = (uint32_t)size;
	}
	if (launch_check(&launch, record, size, &why) == 0)
		(void)walk(&launch);
	else if (!why || launch.domain)
		abort();
	free(record);
	return 0;
}
