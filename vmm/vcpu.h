/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vCPU of one VM on the KVM API, without an in-kernel interrupt
 * controller: HLT leaves the guest, and interrupts are injected.
 *
 * Source: Linux, Documentation/virt/kvm/api.rst.
 */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#define VCPU_EXIT_NONE 0xffffffffu /* exit_reason before each run */

struct kvm {
	int fd; /* /dev/kvm */
	int run_size;
	struct kvm_cpuid2 *cpuid; /* what the host supports */
};

struct vcpu {
	int vm_fd;
	int fd;
	struct kvm_run *run;
	int run_size;
};

/**
 * kvm_open - open /dev/kvm and read what it supports.
 *
 * Returns 0, -errno of opening it, -ENOTSUP if the API version is not 12,
 * or -ENOMEM.
 */
__attribute__((warn_unused_result)) int kvm_open(struct kvm *kvm);

/** kvm_close - give back what kvm_open took. */
void kvm_close(struct kvm *kvm);

/**
 * vcpu_tsc_khz - its TSC's rate in kHz, which is the host's; 0 if unknown.
 */
uint64_t vcpu_tsc_khz(const struct vcpu *v);

/**
 * vcpu_create - create a VM and its only vCPU, TSC offset 0 (guest TSC = host).
 *
 * Returns 0 or -errno of the ioctl that failed; nothing is left behind then.
 */
__attribute__((warn_unused_result)) int vcpu_create(
	struct vcpu *v, const struct kvm *kvm);

/** vcpu_set_cpuid - what CPUID shows; 0 or -errno. */
__attribute__((warn_unused_result)) int vcpu_set_cpuid(
	struct vcpu *v, const struct kvm_cpuid2 *cpuid);

/** vcpu_set_regs - general and special registers; 0 or -errno. */
__attribute__((warn_unused_result)) int vcpu_set_regs(struct vcpu *v,
	const struct kvm_regs *regs, const struct kvm_sregs *sregs);

struct vcpu_msr {
	uint32_t index;
	uint64_t value;
};

#define VCPU_MSRS_MAX 4

/**
 * vcpu_set_msrs - @n of them, 1..VCPU_MSRS_MAX; 0, -errno, or -EINVAL if the
 * host does not have one.
 */
__attribute__((warn_unused_result)) int vcpu_set_msrs(
	struct vcpu *v, const struct vcpu_msr *msr, unsigned n);

/**
 * vcpu_long_mode - fill @sregs for 64-bit mode, CPL 0, flat segments.
 * @cr3: guest-physical address of the page table root
 *
 * Returns 0 or -errno of KVM_GET_SREGS.
 */
__attribute__((warn_unused_result)) int vcpu_long_mode(
	struct vcpu *v, uint64_t cr3, struct kvm_sregs *sregs);

/**
 * vcpu_run - enter the guest.
 *
 * Returns 0 (look at run->exit_reason), or -errno: -EINTR for a signal or
 * immediate_exit, -EFAULT where the domain touched a hole.
 */
static inline int vcpu_run(struct vcpu *v);

/** vcpu_interrupt - inject @vector; the vCPU must be ready for it. */
int vcpu_interrupt(struct vcpu *v, unsigned vector);

/**
 * vcpu_page_fault - have the guest take a page fault next, whatever its IF.
 * @error: the error code; CR2 stays as it is
 *
 * The instruction that comes next is the one that it returns to.  No interrupt
 * may be injected before the vCPU was run.  Returns 0 or -errno.
 */
__attribute__((warn_unused_result)) int vcpu_page_fault(
	struct vcpu *v, uint32_t error);

/** vcpu_destroy - close everything.  The VM may live on in the host's kernel
 * for some 10 ms (grace periods). */
void vcpu_destroy(struct vcpu *v);

#include <errno.h>
#include <sys/ioctl.h>

static inline int vcpu_run(struct vcpu *v)
{
	v->run->exit_reason = VCPU_EXIT_NONE; /* stale after EFAULT */
	return ioctl(v->fd, KVM_RUN, 0) < 0 ? -errno : 0;
}

#endif
