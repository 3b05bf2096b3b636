/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counter of those that KVM keeps of a vCPU.
 *
 * Source: Linux, Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD.
 */
#ifndef VMM_KVMSTAT_H
#define VMM_KVMSTAT_H

#include <stdint.h>
#include <sys/types.h>

/* Faults of the second-level page table that its vCPU took. */
#define KVM_STAT_FAULTS "pf_taken"

struct kvm_stat {
	int fd; /* of all counters */
	off_t at;
};

/**
 * kvm_stat_open - find a counter.
 * @vcpu_fd: of the vCPU
 * @name:    KVM's
 *
 * Returns 0, -ENOENT if it has none of that name, or -errno of
 * KVM_GET_STATS_FD, which Linux has from 5.14 on.
 */
__attribute__((warn_unused_result)) int kvm_stat_open(
	struct kvm_stat *s, int vcpu_fd, const char *name);

/** kvm_stat_read - what it has counted; 0 if it cannot be read. */
uint64_t kvm_stat_read(const struct kvm_stat *s);

/** kvm_stat_close - after kvm_stat_open. */
void kvm_stat_close(struct kvm_stat *s);

#endif
