/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which breakpoints the host's KVM really stops at, found out by a tiny guest:
 * emulated processors below it may know neither int3 nor debug registers in a
 * guest, and KVM promises both.
 */
#ifndef VMM_GDB_ABILITY_H
#define VMM_GDB_ABILITY_H

#include <stdbool.h>

#include "vmm/vcpu.h"

struct gdb_ability {
	bool int3;	      /* KVM_GUESTDBG_USE_SW_BP works */
	bool debug_registers; /* KVM_GUESTDBG_USE_HW_BP works */
};

/**
 * gdb_ability_find - try it.
 *
 * Returns 0, -ENOTSUP if KVM cannot debug guests at all, or -errno.
 */
int gdb_ability_find(const struct kvm *kvm, struct gdb_ability *ability);

#endif
