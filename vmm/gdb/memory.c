/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugged domain's memory, by virtual address.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "vmm/gdb/state.h"

#define PAGE_MASK UINT64_C(0xfff)

int gdb_translate(const struct domain *d, uint64_t address, gpa_t *gpa)
{
	struct kvm_translation tr = {.linear_address = address};

	if (ioctl(d->vcpu.fd, KVM_TRANSLATE, &tr) < 0 || !tr.valid)
		return -EFAULT;
	*gpa = (gpa_t){tr.physical_address};
	return 0;
}

#define PTE_PRESENT UINT64_C(1)
#define PTE_LARGE UINT64_C(0x80)
#define PTE_ADDRESS UINT64_C(0x000ffffffffff000)
#define LOG2_ROOT 39
#define LOG2_PAGE 12
#define LEVEL_BITS 9

/* The vCPU's own way, by hand: four levels, pages of any size. */
int gdb_translate_in(
	const struct domain *d, uint64_t cr3, uint64_t address, gpa_t *gpa)
{
	uint64_t entry = cr3;
	unsigned log2 = LOG2_ROOT + LEVEL_BITS;

	if (!cr3)
		return gdb_translate(d, address, gpa);
	do {
		uint64_t index;

		log2 -= LEVEL_BITS;
		index = address >> log2 & ((1u << LEVEL_BITS) - 1);
		if (guestmem_read(&d->mem,
			    (gpa_t){(entry & PTE_ADDRESS) + 8 * index}, &entry,
			    sizeof(entry)) ||
			!(entry & PTE_PRESENT))
			return -EFAULT;
	} while (
		log2 > LOG2_PAGE && !(log2 < LOG2_ROOT && (entry & PTE_LARGE)));

	uint64_t offset = (UINT64_C(1) << log2) - 1;

	*gpa = (gpa_t){(entry & PTE_ADDRESS & ~offset) | (address & offset)};
	return 0;
}

/* The debugger does not see its own breakpoints. */
int gdb_read_page(struct gdb_target *t, const struct domain *d, gpa_t gpa,
	uint8_t *bytes, size_t size)
{
	int err = guestmem_read(&d->mem, gpa, bytes, size);

	if (err)
		return err;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++) {
		const struct software_break *b = &t->software[i];

		if (gdb_break_within(b, gpa, size))
			bytes[b->gpa.addr - gpa.addr] = b->original;
	}
	return 0;
}

static int write_page(struct gdb_target *t, struct domain *d, gpa_t gpa,
	const uint8_t *bytes, size_t size)
{
	int err = guestmem_write(&d->mem, gpa, bytes, size);

	for (unsigned i = 0; !err && i < SOFTWARE_MAX; i++) {
		struct software_break *b = &t->software[i];

		if (!gdb_break_within(b, gpa, size))
			continue;
		b->original = bytes[b->gpa.addr - gpa.addr];
		err = guestmem_write(&d->mem, b->gpa, &t->patch, 1);
	}
	return err;
}

static size_t left_in_page(uint64_t address, size_t size)
{
	size_t left = PAGE_MASK + 1 - (address & PAGE_MASK);

	return size < left ? size : left;
}

int gdb_target_read(
	struct gdb_target *t, uint64_t address, void *bytes, size_t size)
{
	struct domain *d;
	size_t got = 0;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	while (got < size) {
		size_t piece = left_in_page(address + got, size - got);
		gpa_t gpa;

		err = gdb_translate_in(d, t->chosen_cr3, address + got, &gpa);
		if (!err)
			err = gdb_read_page(
				t, d, gpa, (uint8_t *)bytes + got, piece);
		if (err)
			break;
		got += piece;
	}
	system_unlock(t->system);
	return got ? (int)got : err;
}

int gdb_target_write(
	struct gdb_target *t, uint64_t address, const void *bytes, size_t size)
{
	struct domain *d;
	size_t done = 0;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	while (!err && done < size) {
		size_t piece = left_in_page(address + done, size - done);
		gpa_t gpa;

		err = gdb_translate_in(d, t->chosen_cr3, address + done, &gpa);
		if (!err)
			err = write_page(t, d, gpa,
				(const uint8_t *)bytes + done, piece);
		done += piece;
	}
	system_unlock(t->system);
	return err;
}
