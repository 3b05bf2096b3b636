/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction that a trace point in a guest kernel lies on, carried out by
 * the VMM: of the few forms that functions and paths of the kernel begin with.
 */
#ifndef VMM_TRACE_STEP_H
#define VMM_TRACE_STEP_H

#include <linux/kvm.h>
#include <stdint.h>

#include "virtio/guestmem.h"

struct domain;

#define STEP_BYTES 8u /* longest of the forms */

enum step_form {
	STEP_UNKNOWN,
	STEP_PUSH,	     /* push %reg */
	STEP_PUSH_IMMEDIATE, /* push $imm8 */
	STEP_STORE,	     /* movq $imm32, disp8(%reg) */
	STEP_LOAD,	     /* movq disp32(%rip), %reg */
};

struct step {
	uint8_t form; /* enum step_form */
	uint8_t size; /* bytes */
	uint8_t reg;  /* as instructions number them */
	int32_t displacement;
	int32_t immediate;
};

/** step_decode - what @code begins with; .form is STEP_UNKNOWN for others. */
struct step step_decode(const uint8_t code[STEP_BYTES]);

/**
 * step_perform - carry @step out, at @regs->rip, which moves behind it.
 *
 * Returns 0; or -EFAULT, and nothing has changed, if the guest's memory is not
 * where it points.
 */
NODISCARD int step_perform(
	struct domain *d, const struct step *step, struct kvm_regs *regs);

/**
 * step_read - the word at kernel address @address; 0 or -EFAULT.
 */
NODISCARD int step_read(
	const struct domain *d, uint64_t address, uint64_t *word);

#endif
