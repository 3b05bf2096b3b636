/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/switches.h"

#include <sys/resource.h>

uint64_t switches_count(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used))
		return 0;
	return (uint64_t)used.ru_nvcsw + (uint64_t)used.ru_nivcsw;
}
