/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows that may show nothing, and page tables for strings. */
#include "tests/stubkernel/fuzz.h"
#include "tests/stubkernel/stub.h"
#include "vmm/abi/container.h"

#define STRING_RAM UINT64_C(0x400000)

#define PTE_ALL 7u /* present, to be written, the user's */
#define PDE_2M 0x80u
#define LARGE (UINT64_C(1) << 21)
#define KERNEL_CODE 8
#define PAGE_FAULT 14
#define GATE_PRESENT_INTERRUPT 0x8e00u

/* touch.S: whether there was something. */
bool touch_read(uint64_t at);
bool touch_write(uint64_t at);
void touch_fault(void);

static uint64_t user_tables[3][512] __attribute__((aligned(4096)));
static uint64_t window_directory[512] __attribute__((aligned(4096)));

uint64_t fuzz_user_tables(void)
{
	return (uintptr_t)user_tables;
}

bool fuzz_touch(void)
{
	uint64_t at = WINDOW_GPA + fuzz_any(0x2000) * 4096;

	if (fuzz_any(8))
		at = WINDOW_GPA + fuzz_any(64) * 4096;
	return fuzz_any(2) ? touch_write(at) : touch_read(at);
}

static void map_windows(void)
{
	uint64_t *pml4;

	__asm__ volatile("mov %%cr3, %0" : "=r"(pml4));

	uint64_t *pdpt = (uint64_t *)(uintptr_t)(pml4[0] & ~UINT64_C(0xfff));

	for (uint64_t i = 0; i < WINDOW_SIZE / LARGE; i++)
		window_directory[i] =
			(WINDOW_GPA + i * LARGE) | PDE_2M | PTE_ALL;
	pdpt[WINDOW_GPA >> 30] = (uintptr_t)window_directory | PTE_ALL;
	/* For strings: RAM that is not in use, and windows. */
	user_tables[0][0] = (uintptr_t)user_tables[1] | PTE_ALL;
	user_tables[1][0] = (uintptr_t)user_tables[2] | PTE_ALL;
	for (uint64_t i = 0; i < FUZZ_STRING_SPACE / LARGE; i++)
		user_tables[2][i] =
			(i % 4 ? STRING_RAM : WINDOW_GPA) | PDE_2M | PTE_ALL;
}

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* Page faults only; the segments are as they are already. */
static void take_faults(void)
{
	static uint64_t gdt[3] = {
		0, UINT64_C(0x00af9b000000ffff), UINT64_C(0x00cf93000000ffff)};
	static uint64_t idt[2 * (PAGE_FAULT + 1)];
	uint64_t to = (uintptr_t)touch_fault;
	struct table_register gdtr = {sizeof(gdt) - 1, (uintptr_t)gdt};
	struct table_register idtr = {sizeof(idt) - 1, (uintptr_t)idt};

	idt[2 * PAGE_FAULT] = (to & 0xffff) | KERNEL_CODE << 16 |
			      (uint64_t)GATE_PRESENT_INTERRUPT << 32 |
			      (to >> 16 & 0xffff) << 48;
	idt[2 * PAGE_FAULT + 1] = to >> 32;
	__asm__ volatile("lgdt %0\n\tlidt %1" : : "m"(gdtr), "m"(idtr));
}

void fuzz_prepare_memory(void)
{
	map_windows();
	take_faults();
}
