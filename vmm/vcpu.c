/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/vcpu.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define KVM_API 12
#define CPUID_ENTRIES 128
#define VECTOR_PF 14

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)
#define CR4_PAE (1u << 5)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)

int kvm_open(struct kvm *kvm)
{
	size_t size = sizeof(*kvm->cpuid) +
		      CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2);
	int err = -ENOMEM;

	*kvm = (struct kvm){.fd = open("/dev/kvm", O_RDWR | O_CLOEXEC)};
	if (kvm->fd < 0)
		return -errno;
	kvm->cpuid = calloc(1, size);
	if (!kvm->cpuid)
		goto out;
	if (ioctl(kvm->fd, KVM_GET_API_VERSION, 0) != KVM_API) {
		err = -ENOTSUP;
		goto out;
	}
	kvm->run_size = ioctl(kvm->fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	kvm->cpuid->nent = CPUID_ENTRIES;
	if (kvm->run_size < 0 ||
		ioctl(kvm->fd, KVM_GET_SUPPORTED_CPUID, kvm->cpuid) < 0) {
		err = -errno;
		goto out;
	}
	return 0;
out:
	kvm_close(kvm);
	return err;
}

void kvm_close(struct kvm *kvm)
{
	free(kvm->cpuid);
	close(kvm->fd);
}

uint64_t vcpu_tsc_khz(const struct vcpu *v)
{
	int khz = ioctl(v->fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? (uint64_t)khz : 0;
}

/* Guest TSC = host TSC.  Hosts without the attribute get the MSR written. */
static int tsc_share(struct vcpu *v)
{
	uint64_t offset = 0;
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)&offset,
	};

	return ioctl(v->fd, KVM_SET_DEVICE_ATTR, &attr) < 0 ? -errno : 0;
}

int vcpu_create(struct vcpu *v, const struct kvm *kvm)
{
	int err;

	*v = (struct vcpu){.fd = -1, .run = MAP_FAILED};
	v->vm_fd = ioctl(kvm->fd, KVM_CREATE_VM, 0);
	if (v->vm_fd < 0)
		return -errno;
	v->fd = ioctl(v->vm_fd, KVM_CREATE_VCPU, 0);
	if (v->fd < 0)
		goto out_errno;
	v->run_size = kvm->run_size;
	v->run = mmap(NULL, (size_t)v->run_size, PROT_READ | PROT_WRITE,
		MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		goto out_errno;
	/* A child that had it, too, would keep the VM when we have let it go. */
	if (madvise(v->run, (size_t)v->run_size, MADV_DONTFORK) < 0)
		goto out_errno;
	err = tsc_share(v);
	if (err && err != -ENXIO && err != -EINVAL && err != -ENOTTY)
		goto out;
	return 0;

out_errno:
	err = -errno;
out:
	vcpu_destroy(v);
	return err;
}

int vcpu_set_cpuid(struct vcpu *v, const struct kvm_cpuid2 *cpuid)
{
	return ioctl(v->fd, KVM_SET_CPUID2, cpuid) < 0 ? -errno : 0;
}

int vcpu_set_regs(struct vcpu *v, const struct kvm_regs *regs,
	const struct kvm_sregs *sregs)
{
	if (ioctl(v->fd, KVM_SET_SREGS, sregs) < 0)
		return -errno;
	return ioctl(v->fd, KVM_SET_REGS, regs) < 0 ? -errno : 0;
}

int vcpu_set_msrs(struct vcpu *v, const struct vcpu_msr *msr, unsigned n)
{
	union {
		struct kvm_msrs msrs;
		uint8_t room[sizeof(struct kvm_msrs) +
			     VCPU_MSRS_MAX * sizeof(struct kvm_msr_entry)];
	} list = {.msrs = {.nmsrs = n}};
	int set;

	for (unsigned i = 0; i < n; i++)
		list.msrs.entries[i] = (struct kvm_msr_entry){
			.index = msr[i].index,
			.data = msr[i].value,
		};
	set = ioctl(v->fd, KVM_SET_MSRS, &list);
	if (set < 0)
		return -errno;
	return (unsigned)set == n ? 0 : -EINVAL;
}

int vcpu_long_mode(struct vcpu *v, uint64_t cr3, struct kvm_sregs *sregs)
{
	struct kvm_segment code = {
		.limit = 0xffffffff,
		.selector = 8,
		.type = 11, /* execute, read, accessed */
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff,
		.selector = 16,
		.type = 3, /* read, write, accessed */
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
	};

	if (ioctl(v->fd, KVM_GET_SREGS, sregs) < 0)
		return -errno;
	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->gdt.limit = sregs->idt.limit = 0;
	sregs->cr0 = CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG;
	sregs->cr3 = cr3;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
	return 0;
}

int vcpu_interrupt(struct vcpu *v, unsigned vector)
{
	struct kvm_interrupt irq = {.irq = vector};

	return ioctl(v->fd, KVM_INTERRUPT, &irq) < 0 ? -errno : 0;
}

int vcpu_page_fault(struct vcpu *v, uint32_t error)
{
	struct kvm_vcpu_events events;

	if (ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return -errno;
	events.exception.injected = 1;
	events.exception.pending = 0;
	events.exception.nr = VECTOR_PF;
	events.exception.has_error_code = 1;
	events.exception.error_code = error;
	return ioctl(v->fd, KVM_SET_VCPU_EVENTS, &events) < 0 ? -errno : 0;
}

void vcpu_destroy(struct vcpu *v)
{
	if (v->run != MAP_FAILED)
		munmap(v->run, (size_t)v->run_size);
	if (v->fd >= 0)
		close(v->fd);
	close(v->vm_fd);
}
