/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the kernel: KernelInterface and the links to the system calls.
 */
#include "servers/lib/libl4/syscall.h"

uint64_t l4_links[LINKS_NR];

/* LOCK NOP: an invalid instruction, which the kernel answers with the KIP. */
const struct kip *l4_kip(void)
{
	uint64_t base, version, flags, id;

	__asm__ volatile(".byte 0xf0, 0x90"
			 : "=a"(base), "=c"(version), "=d"(flags), "=S"(id));
	return (const struct kip *)base;
}

void l4_init(void)
{
	const uint64_t *link = &l4_kip()->space_control;

	for (unsigned i = 0; i < LINKS_NR; i++)
		l4_links[i] = link[i];
}
