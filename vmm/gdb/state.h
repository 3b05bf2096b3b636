/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of a domain as a target share: its state, which the system's
 * lock protects, and steps that are taken with that lock held.
 */
#ifndef VMM_GDB_STATE_H
#define VMM_GDB_STATE_H

#include "vmm/gdb/ability.h"
#include "vmm/gdb/target.h"
#include "vmm/system.h"

#define SOFTWARE_MAX 256
#define HARDWARE_MAX 4 /* address registers of the CPU */
#define HLT 0xf4

struct software_break {
	bool used;
	uint8_t original; /* byte */
	uint64_t address; /* as the debugger named it */
	gpa_t gpa;
};

struct hardware_break {
	bool used;
	enum gdb_break kind;
	uint64_t address;
	uint64_t size;
};

struct gdb_target {
	struct system *system;
	unsigned index;
	int event_fd;
	struct gdb_stop stop;
	struct gdb_ability ability;
	uint8_t patch;	 /* the byte that software breakpoints are */
	uint64_t chosen; /* address of a thread's block; 0: the vCPU */
	uint64_t chosen_cr3;
	bool stepped; /* a trap flag may have been saved by the guest */
	struct software_break software[SOFTWARE_MAX];
	struct hardware_break hardware[HARDWARE_MAX];
};

/* Whether it lies in @size bytes at @gpa. */
static inline bool gdb_break_within(
	const struct software_break *b, gpa_t gpa, size_t size)
{
	return b->used && b->gpa.addr - gpa.addr < size;
}

/**
 * gdb_lock_held - the domain, if it stands still.
 *
 * Returns 0, and the system's lock is held; or -ESRCH if it has ended, or
 * -EBUSY, without.
 */
int gdb_lock_held(struct gdb_target *t, struct domain **d);

/** gdb_translate - by the vCPU's page tables; 0 or -EFAULT. */
int gdb_translate(const struct domain *d, uint64_t address, gpa_t *gpa);

/**
 * gdb_translate_in - by the page tables at @cr3, 0: those of the vCPU; 0 or
 * -EFAULT.
 */
int gdb_translate_in(
	const struct domain *d, uint64_t cr3, uint64_t address, gpa_t *gpa);

/** gdb_thread_registers - of the chosen thread, into @cpu; 0 or -errno. */
int gdb_thread_registers(const struct gdb_target *t, const struct domain *d,
	struct gdb_cpu *cpu);

/** gdb_read_page - read within a page, without breakpoints; 0 or -EFAULT. */
int gdb_read_page(struct gdb_target *t, const struct domain *d, gpa_t gpa,
	uint8_t *bytes, size_t size);

/**
 * gdb_break_apply - tell KVM what to stop at.
 * @more: further KVM_GUESTDBG_ bits
 *
 * The vCPU is out of the guest.  Returns 0 or -errno of KVM.
 */
int gdb_break_apply(
	struct gdb_target *t, const struct domain *d, uint32_t more);

/** gdb_break_clear - take all breakpoints away, in memory too. */
void gdb_break_clear(struct gdb_target *t, struct domain *d);

/** gdb_break_at - @pc is a software breakpoint, not an instruction of the
 * guest's own. */
bool gdb_break_at(struct domain *d, uint64_t pc);

#endif
