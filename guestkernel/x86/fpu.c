/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/fpu.h"

#include <stddef.h>

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"

/* FXSAVE area: control word at 0, MXCSR at 24; the values after FNINIT. */
#define AREA_SIZE 512
#define FCW_INIT 0x037f
#define MXCSR_INIT 0x1f80

static uint8_t *owner; /* whose state the registers hold */

void fpu_init(uint8_t *area)
{
	zero_words(area, AREA_SIZE / 8);
	area[0] = FCW_INIT & 0xff;
	area[1] = FCW_INIT >> 8;
	area[24] = MXCSR_INIT & 0xff;
	area[25] = MXCSR_INIT >> 8;
}

void fpu_use(uint8_t *area)
{
	clts();
	if (owner == area)
		return;
	if (owner)
		fxsave(owner);
	fxrstor(area);
	owner = area;
}

void fpu_forget(const uint8_t *area)
{
	if (owner == area)
		owner = NULL;
}

void fpu_close(void)
{
	write_cr0(read_cr0() | CR0_TS);
}
