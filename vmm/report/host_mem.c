/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/report/host_mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "vmm/clock.h"
#include "vmm/memory/frame.h"
#include "vmm/vcpu.h"

#define ROUNDS 5
#define SLOT_GPA UINT64_C(0x100000000)

static const char *const names[NR_HOST_MEM] = {
	[HOST_MEMSLOT_ADD] = "memslot-add",
	[HOST_MEMSLOT_DELETE] = "memslot-delete",
	[HOST_MMAP] = "linux-mmap",
	[HOST_TOUCH] = "linux-touch",
	[HOST_MUNMAP] = "linux-munmap",
};

const char *host_mem_name(enum host_mem_figure figure)
{
	return names[figure];
}

static int set_slot(int vm_fd, void *memory, uint64_t size)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = SLOT_GPA,
		.memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};

	return ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

static int measure_process(
	uint64_t size, unsigned round, uint64_t took[NR_HOST_MEM][ROUNDS])
{
	uint64_t start = clock_now(), mapped, touched;
	volatile char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mapped = clock_now();
	if (memory == MAP_FAILED)
		return -errno;
	for (uint64_t at = 0; at < size; at += FRAME_SIZE)
		memory[at] = 1;
	touched = clock_now();
	munmap((void *)(uintptr_t)memory, size);
	took[HOST_MUNMAP][round] = clock_now() - touched;
	took[HOST_MMAP][round] = mapped - start;
	took[HOST_TOUCH][round] = touched - mapped;
	return 0;
}

static int measure_slot(int vm_fd, void *memory, uint64_t size, unsigned round,
	uint64_t took[NR_HOST_MEM][ROUNDS])
{
	uint64_t start = clock_now(), added;
	int err = set_slot(vm_fd, memory, size);

	added = clock_now();
	if (!err)
		err = set_slot(vm_fd, memory, 0);
	took[HOST_MEMSLOT_DELETE][round] = clock_now() - added;
	took[HOST_MEMSLOT_ADD][round] = added - start;
	return err;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int measure_all(int vm_fd, uint64_t size, uint64_t ticks[NR_HOST_MEM])
{
	uint64_t took[NR_HOST_MEM][ROUNDS];
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = memory == MAP_FAILED ? -errno : 0;

	for (unsigned round = 0; round < ROUNDS && !err; round++) {
		err = measure_process(size, round, took);
		if (!err)
			err = measure_slot(vm_fd, memory, size, round, took);
	}
	if (memory != MAP_FAILED)
		munmap(memory, size);
	for (unsigned i = 0; i < NR_HOST_MEM && !err; i++) {
		qsort(took[i], ROUNDS, sizeof(took[i][0]), compare);
		ticks[i] = took[i][ROUNDS / 2];
	}
	return err;
}

int host_mem_measure(uint64_t frames, uint64_t ticks[NR_HOST_MEM])
{
	struct kvm kvm;
	struct vcpu vcpu;
	int err = kvm_open(&kvm);

	if (err)
		return err;
	err = vcpu_create(&vcpu, &kvm);
	if (!err) {
		err = measure_all(vcpu.vm_fd, frames * FRAME_SIZE, ticks);
		vcpu_destroy(&vcpu);
	}
	kvm_close(&kvm);
	return err;
}
