/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/ability.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define RAM_SIZE (4 * PAGE) /* code, and three levels of page tables */
#define CODE 0x100u
#define PTE_PRESENT_WRITE 3u
#define PDE_2M 0x80u
#define INT3 0xcc
#define NOP 0x90
#define HLT 0xf4

/* The first 2 MiB at their own address; then code that halts. */
static void write_guest(char *ram, uint8_t first)
{
	const uint64_t tables[] = {2 * PAGE | PTE_PRESENT_WRITE,
		3 * PAGE | PTE_PRESENT_WRITE, PDE_2M | PTE_PRESENT_WRITE};
	const uint8_t code[] = {first, HLT};

	for (unsigned i = 0; i < 3; i++)
		memcpy(ram + (i + 1) * PAGE, &tables[i], sizeof(tables[i]));
	memcpy(ram + CODE, code, sizeof(code));
}

static int set_up(struct vcpu *v, char *ram, const struct kvm_guest_debug *g)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = RAM_SIZE,
		.userspace_addr = (uintptr_t)ram,
	};
	struct kvm_regs regs = {.rip = CODE, .rflags = 2};
	struct kvm_sregs sregs;
	int err;

	if (ioctl(v->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -errno;
	err = vcpu_long_mode(v, PAGE, &sregs);
	if (!err)
		err = vcpu_set_regs(v, &regs, &sregs);
	if (!err && ioctl(v->fd, KVM_SET_GUEST_DEBUG, g) < 0)
		err = -errno;
	return err;
}

/* A guest whose first instruction is to be stopped at: is it? */
static int stops(const struct kvm *kvm, const struct kvm_guest_debug *debug,
	uint8_t first, bool *does)
{
	char *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vcpu v;
	int err;

	if (ram == MAP_FAILED)
		return -ENOMEM;
	write_guest(ram, first);
	err = vcpu_create(&v, kvm);
	if (!err) {
		err = set_up(&v, ram, debug);
		if (!err)
			err = vcpu_run(&v);
		*does = v.run->exit_reason == KVM_EXIT_DEBUG;
		vcpu_destroy(&v);
	}
	munmap(ram, RAM_SIZE);
	return err;
}

int gdb_ability_find(const struct kvm *kvm, struct gdb_ability *ability)
{
	const struct kvm_guest_debug software = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP,
	};
	const struct kvm_guest_debug hardware = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP,
		.arch.debugreg = {[0] = CODE, [7] = 0x602},
	};
	int err;

	if (ioctl(kvm->fd, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG) <= 0)
		return -ENOTSUP;
	err = stops(kvm, &software, INT3, &ability->int3);
	if (!err)
		err = stops(kvm, &hardware, NOP, &ability->debug_registers);
	return err == -EINVAL || err == -ENOTTY ? -ENOTSUP : err;
}
