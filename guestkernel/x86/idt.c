/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trap.h"
#include "vmm/abi/control.h"

#define GATE_PRESENT 0x8e00 /* interrupt gate, DPL 0 */
#define GATE_USER 0x6000    /* DPL 3 */
#define STUB_SIZE 4

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t flags; /* low bits: IST */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved_0;
};

struct pseudo_descriptor {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

extern const char trap_stubs[], event_stub[]; /* entry.S */

static struct gate idt[EVENT_VECTOR + 1];

_Static_assert(EVENT_VECTOR == VECTOR_EXCEPTIONS, "entry.S pushes the latter");

static void set(unsigned vector, const char *entry, unsigned flags)
{
	uint64_t offset = (uint64_t)entry;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)offset,
		.selector = SEL_KCODE,
		.flags = (uint16_t)(GATE_PRESENT | flags),
		.offset_middle = (uint16_t)(offset >> 16),
		.offset_high = (uint32_t)(offset >> 32),
	};
}

/* INT3 is for users; fatal ones come on a stack of their own. */
static unsigned flags_of(unsigned vector)
{
	if (vector == VECTOR_BP)
		return GATE_USER;
	return VECTORS_FATAL >> vector & 1;
}

void idt_init(void)
{
	struct pseudo_descriptor idtr = {sizeof(idt) - 1, (uint64_t)idt};

	for (unsigned v = 0; v < TRAP_STUBS; v++)
		set(v, trap_stubs + v * STUB_SIZE, flags_of(v));
	set(EVENT_VECTOR, event_stub, 0);
	lidt(&idtr);
}
