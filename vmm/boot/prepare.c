/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All is written into a copy, and that into the kernel's image.
 * Source: AMD64 Architecture Programmer's Manual vol. 2, "Long-Mode Page
 * Translation", "Segmented Virtual Memory", "Interrupt-Gate and Trap-Gate
 * Descriptors"; "SYSCALL and SYSRET".
 */
#include "vmm/boot/prepare.h"

#include <errno.h>
#include <string.h>

#include "vmm/abi/boot.h"
#include "vmm/system.h"

#define PAGE UINT64_C(4096)
#define LARGE_PAGE UINT64_C(0x200000)
#define ENTRIES 512

#define PTE_READ UINT64_C(0x101) /* present, global */
#define PTE_WRITE UINT64_C(0x103)
#define PTE_USER UINT64_C(0x004)
#define PDE_2M UINT64_C(0x080)
#define TABLE UINT64_C(0x003)

#define SEGMENT_KCODE UINT64_C(0x00209b0000000000)
#define SEGMENT_KDATA UINT64_C(0x0000930000000000)
#define SEGMENT_UDATA UINT64_C(0x0000f30000000000)
#define SEGMENT_UCODE UINT64_C(0x0020fb0000000000)
#define SEGMENT_TSS UINT64_C(0x0000890000000000)

#define GATE 0x8e00 /* present, interrupt gate */
#define GATE_USER 0x6000
#define VECTOR_BP 3
#define VECTOR_PF 14

#define COM1 0x3f8 /* 8 ports: one byte of the bitmap */

#define IA32_STAR 0xc0000081u
#define IA32_LSTAR 0xc0000082u
#define IA32_CSTAR 0xc0000083u
#define IA32_FMASK 0xc0000084u
/* TF, IF, DF, NT, RF, VM, AC. */
#define SYSCALL_FLAGS_CLEARED 0x00074700u

/* SYSRET derives both user selectors from one base. */
_Static_assert(BOOT_SEL_SYSRET + 8 == BOOT_SEL_UDATA, "SYSRET's SS");
_Static_assert(BOOT_SEL_SYSRET + 16 == BOOT_SEL_UCODE, "SYSRET's CS");
_Static_assert(EVENT_VECTOR + 1 == BOOT_GATES, "the last gate");
_Static_assert(sizeof(((struct boot_processor *)0)->gdt) > BOOT_SEL_TSS + 8,
	"the TSS's descriptor, two words");

static unsigned index_at(uint64_t address, unsigned log2)
{
	return (unsigned)(address >> log2) % ENTRIES;
}

static uint64_t table_at(const struct boot_kernel *k, size_t offset)
{
	return (k->tables + offset) | TABLE;
}

/* The kernel's half: RAM, the areas behind it. */
static void fill_page_tables(
	struct boot_tables *t, const struct boot_kernel *k, uint64_t ram)
{
	uint64_t no_thread =
		k->tables + offsetof(struct boot_tables, no_thread);

	t->pml4[ENTRIES - 1] =
		table_at(k, offsetof(struct boot_tables, pdpt)) | PTE_USER;
	t->pdpt[index_at(BOOT_KERNEL_BASE, 30)] =
		table_at(k, offsetof(struct boot_tables, window));
	t->pdpt[index_at(BOOT_THREADS, 30)] =
		table_at(k, offsetof(struct boot_tables, areas)) | PTE_USER;
	for (uint64_t i = 0; i < ENTRIES; i++) {
		if (i * LARGE_PAGE < ram)
			t->window[i] = i * LARGE_PAGE | PTE_WRITE | PDE_2M;
		t->no_threads[i] = no_thread | PTE_READ;
	}
	for (uint64_t i = 0; i < BOOT_THREADS_SIZE / LARGE_PAGE; i++)
		t->areas[i] =
			(k->tables + offsetof(struct boot_tables, no_threads)) |
			PTE_READ;
	t->areas[index_at(BOOT_THREAD_ENTRIES, 21)] =
		table_at(k, offsetof(struct boot_tables, areas));
	t->areas[index_at(BOOT_STUBS, 21)] =
		table_at(k, offsetof(struct boot_tables, pages)) | PTE_USER;
	t->pages[index_at(BOOT_STUBS, 12)] = k->stubs | PTE_READ | PTE_USER;
	t->pages[index_at(BOOT_GS, 12)] =
		(k->tables + offsetof(struct boot_tables, gs)) | PTE_READ |
		PTE_USER;
	t->pages[index_at(BOOT_CONTROL, 12)] = CONTROL_GPA | PTE_WRITE;
}

static uint64_t page_up(uint64_t x)
{
	return (x + PAGE - 1) & ~(PAGE - 1);
}

/* Takes an array of a word a page from the pool's beginning. */
static uint64_t take_words(struct boot_memory *m, uint64_t bytes)
{
	uint64_t at = m->pool;

	m->pool += page_up(bytes / PAGE * 8);
	return at;
}

/* False: no room for what the kernel notes of each page, or only for that. */
static bool fill_memory(struct boot_memory *m, const struct boot_info *b,
	const struct elf_image *kernel)
{
	const struct boot_region region[BOOT_REGIONS] = {
		{.start = 0, .end = kernel->start},
		{.start = page_up(kernel->end), .end = b->pool_start},
		{.start = b->pool_end, .end = b->ram_size & ~(LARGE_PAGE - 1)},
		{.start = BOOT_DEVICE_BASE, .end = BOOT_DEVICE_END},
		{.start = b->window_start,
			.end = b->window_start + b->window_size},
		{.start = BOOT_MEMORY_END, .end = BOOT_MEMORY_END},
	};

	m->pool = BOOT_KERNEL_BASE + b->pool_start;
	m->pool_end = BOOT_KERNEL_BASE + b->pool_end;
	m->notes = take_words(m, b->pool_end - b->pool_start);
	for (unsigned i = 0; i < BOOT_REGIONS; i++) {
		m->region[i] = region[i];
		m->region[i].heads =
			take_words(m, region[i].end - region[i].start);
	}
	return m->pool + BOOT_POOL_LEAST <= m->pool_end;
}

static struct boot_gate gate(uint32_t entry, uint16_t flags)
{
	uint64_t address = BOOT_KERNEL_BASE + entry;

	return (struct boot_gate){
		.offset_low = (uint16_t)address,
		.selector = BOOT_SEL_KCODE,
		.flags = GATE | flags,
		.offset_middle = (uint16_t)(address >> 16),
		.offset_high = (uint32_t)(address >> 32),
	};
}

static void fill_gates(struct boot_gate *idt, const struct boot_kernel *k)
{
	for (unsigned v = 0; v < BOOT_TRAP_STUBS; v++)
		idt[v] = gate(k->trap + v * BOOT_TRAP_STUB,
			(uint16_t)(v == VECTOR_BP ? GATE_USER
						  : BOOT_TRAPS_FATAL >> v & 1));
	idt[VECTOR_PF] = gate(k->page_fault, 0);
	idt[EVENT_VECTOR] = gate(k->event, 0);
}

static void fill_processor(
	struct boot_processor *p, const struct boot_kernel *k, uint64_t at)
{
	uint64_t *tss = &p->gdt[BOOT_SEL_TSS / 8];

	p->tss.ist[0] = at + sizeof(*p);
	p->tss.io_map_base = offsetof(struct boot_tss, io_map);
	memset(p->tss.io_map, 0xff, sizeof(p->tss.io_map));
	p->tss.io_map[COM1 / 8] = 0;
	p->gdt[BOOT_SEL_KCODE / 8] = SEGMENT_KCODE;
	p->gdt[BOOT_SEL_KDATA / 8] = SEGMENT_KDATA;
	p->gdt[BOOT_SEL_UDATA / 8] = SEGMENT_UDATA;
	p->gdt[BOOT_SEL_UCODE / 8] = SEGMENT_UCODE;
	tss[0] = SEGMENT_TSS | (sizeof(p->tss) - 1) | (at & 0xffffff) << 16 |
		 (at >> 24 & 0xff) << 56;
	tss[1] = at >> 32;
	fill_gates(p->idt, k);
}

static void use_tables(
	struct kvm_sregs *sregs, const struct boot_kernel *k, uint64_t at)
{
	sregs->cr3 = k->tables;
	sregs->gdt.base = at + offsetof(struct boot_processor, gdt);
	sregs->gdt.limit = sizeof(((struct boot_processor *)0)->gdt) - 1;
	sregs->idt.base = at + offsetof(struct boot_processor, idt);
	sregs->idt.limit = sizeof(((struct boot_processor *)0)->idt) - 1;
	sregs->fs.selector = sregs->gs.selector = 0;
	sregs->gs.base = BOOT_GS;
}

static int set_syscall(struct domain *d, const struct boot_kernel *k)
{
	const struct vcpu_msr msr[] = {
		{IA32_STAR, (uint64_t)BOOT_SEL_SYSRET << 48 |
				    (uint64_t)BOOT_SEL_KCODE << 32},
		{IA32_LSTAR, BOOT_KERNEL_BASE + k->syscall},
		{IA32_CSTAR, BOOT_KERNEL_BASE + k->legacy_syscall},
		{IA32_FMASK, SYSCALL_FLAGS_CLEARED},
	};

	return vcpu_set_msrs(&d->vcpu, msr, sizeof(msr) / sizeof(*msr));
}

static bool lies_in(const struct elf_image *image, uint64_t at, uint64_t size)
{
	return at % PAGE == 0 && at >= image->start && at < image->end &&
	       size <= image->end - at;
}

int boot_prepare(struct domain *d, const struct elf_image *image,
	struct kvm_sregs *sregs)
{
	const uint64_t clock[] = {d->control->tsc_offset, d->control->us_mult};
	struct boot_tables t = {0};
	struct boot_kernel k;
	uint64_t at;

	if (guestmem_read(&d->mem, (gpa_t){image->start}, &k, sizeof(k)) ||
		(k.magic & BOOT_KERNEL_MAGIC_MASK) != BOOT_KERNEL_MAGIC)
		return 0;
	if (k.magic >> BOOT_KERNEL_VERSION_SHIFT != BOOT_ABI_VERSION)
		return -EPROTO;
	if (!lies_in(image, k.tables, sizeof(t)) ||
		!lies_in(image, k.stubs, PAGE))
		return -EFAULT;
	at = BOOT_KERNEL_BASE + k.tables +
	     offsetof(struct boot_tables, processor);
	fill_page_tables(&t, &k, d->conf->ram_bytes);
	fill_processor(&t.processor, &k, at);
	if (!fill_memory(&t.processor.memory, &d->boot, image))
		return -ENOMEM;
	if (guestmem_write(&d->mem, (gpa_t){k.tables}, &t, sizeof(t)) ||
		guestmem_write(&d->mem, (gpa_t){k.stubs + BOOT_STUBS_CLOCK},
			clock, sizeof(clock)))
		return -EFAULT;
	use_tables(sregs, &k, at);
	d->control->newest_thread = BOOT_KERNEL_BASE + k.newest_thread;
	d->control->running_thread = at + offsetof(struct boot_tss, rsp);
	return set_syscall(d, &k);
}
