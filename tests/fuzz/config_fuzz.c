/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/config/arena.c vmm/config/check.c vmm/config/device.c vmm/config/diag.c vmm/config/domain.c vmm/config/file.c vmm/config/interface.c vmm/config/limit.c vmm/config/metadata.c vmm/config/model.c vmm/config/record.c vmm/config/reservation.c vmm/config/system.c vmm/config/value.c vmm/config/xml.c vmm/launch_check.c vmm/admission.c -isystem /usr/include/libxml2 -lxml2 */
/*
 * Any bytes as the one file of a system.  What the reader finds nothing wrong
 * with becomes a launch record that the VMM accepts.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/config/domain.h"
#include "vmm/config/record.h"
#include "vmm/config/system.h"
#include "vmm/config/xml.h"
#include "vmm/launch.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Files are not looked for here, so wrong ones are no errors. */
static void check_record(const struct config_system *system)
{
	static _Alignas(8) char record[LAUNCH_SIZE_MAX];
	int fd = memfd_create("record", MFD_CLOEXEC);
	struct launch launch;
	const char *why;

	if (record_write(system, false, fd))
		abort();

	ssize_t size = pread(fd, record, sizeof(record), 0);

	close(fd);
	if (launch_check(&launch, record, (size_t)size, &why))
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	xml_setup();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config_system system;
	int fd = memfd_create("domain.xml", MFD_CLOEXEC);

	memset(&system, 0, sizeof(system));
	system.root = "/root";
	system.host_slice_us = SYSTEM_HOST_SLICE_US;
	system.host_period_us = SYSTEM_HOST_PERIOD_US;
	if (write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();

	xmlDoc *doc = xml_load(&system.diag, fd, "domain.xml");

	close(fd);
	if (!doc)
		return 0;
	system.nr_domains = 1;
	system.domain[0].file = "domain.xml";
	system.domain[0].selected = true;
	domain_read(&system, &system.domain[0], xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	if (!system.diag.nr)
		system_check_admission(&system);
	/* A portal of a domain alone leads nowhere: check_portals() says so. */
	if (!system.diag.nr && !system.domain[0].nr_portals)
		check_record(&system);
	return 0;
}
