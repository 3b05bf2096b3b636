/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that a debugger sees, in its order and sizes, as parts of
 * KVM's structures.
 *
 * Source: Debugging with GDB, "Target Descriptions", "i386 Features".
 */
#ifndef VMM_GDB_REGISTER_H
#define VMM_GDB_REGISTER_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>

#define GDB_REGISTERS 70
#define GDB_REGISTER_SIZE_MAX 16 /* bytes */

struct gdb_cpu {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
};

/** gdb_register_size - bytes of register @n, 0..GDB_REGISTERS-1. */
size_t gdb_register_size(unsigned n);

/** gdb_register_get - copy register @n, little endian, to @bytes. */
void gdb_register_get(const struct gdb_cpu *cpu, unsigned n, void *bytes);

/** gdb_register_put - copy @bytes to register @n. */
void gdb_register_put(struct gdb_cpu *cpu, unsigned n, const void *bytes);

/**
 * gdb_register_xml - the target description.
 * @size: of @text; 16 KiB do
 *
 * Returns its length, at most @size - 1.
 */
size_t gdb_register_xml(char *text, size_t size);

#endif
