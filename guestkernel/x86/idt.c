/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"
#include "guestkernel/x86/trap.h"
#include "vmm/abi/control.h"

#define GATE_PRESENT 0x8e00 /* interrupt gate, DPL 0 */
#define GATE_USER 0x6000    /* DPL 3 */
#define STUB_SIZE 4

/*
 * In all, the offset is cut in three; the kernel lies in the last 2 GiB, so
 * the highest part is the same for all entries.
 */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint32_t flags_and_offset; /* flags, low bits IST, in the lower half */
	uint32_t offset_high;
	uint32_t reserved_0;
};

struct pseudo_descriptor {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

extern const char trap_stubs[], event_stub[]; /* entry.S */
extern const char trap_page_fault[];	      /* fault.S */

static struct gate idt[EVENT_VECTOR + 1];

_Static_assert(EVENT_VECTOR == VECTOR_EXCEPTIONS, "entry.S pushes the latter");

static void set(unsigned vector, const char *entry, uint32_t flags)
{
	uint32_t offset = (uint32_t)(uint64_t)entry;
	struct gate *gate = &idt[vector];

	gate->offset_low = (uint16_t)offset;
	gate->selector = SEL_KCODE;
	gate->flags_and_offset = (offset & 0xffff0000) | GATE_PRESENT | flags;
	gate->offset_high = UINT32_MAX;
}

/* INT3 is for users; fatal ones come on a stack of their own. */
static uint32_t flags_of(unsigned vector)
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
	set(VECTOR_PF, trap_page_fault, 0);
	set(EVENT_VECTOR, event_stub, 0);
	lidt(&idtr);
}
