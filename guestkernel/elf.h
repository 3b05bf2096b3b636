/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images of sigma0 and the root task: ELF files that lie in memory as the
 * VMM found them, moved to where their physical addresses say.
 */
#ifndef GUESTKERNEL_ELF_H
#define GUESTKERNEL_ELF_H

#include <stdint.h>

struct boot_info;
struct boot_module;
struct kip_server;

/**
 * elf_load - load a boot module.
 *
 * Fills in @server's entry point and the range it covers.  Panics if the file
 * is no static x86-64 ELF executable or a segment lies outside of free memory:
 * over the kernel, its pool, a module, the boot information or RAM's end.
 */
void elf_load(const struct boot_info *boot, const struct boot_module *module,
	struct kip_server *server);

#endif
