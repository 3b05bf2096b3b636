/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe guest in a VM of its own: can /dev/kvm run a real kernel?
 */
#ifndef VMM_PROBE_VM_H
#define VMM_PROBE_VM_H

#include <stddef.h>
#include <stdint.h>

enum probe_check {
	PROBE_LONG_MODE,
	PROBE_RING3,
	PROBE_PAGE_FAULT,
	PROBE_INT_N,
	PROBE_SYSCALL,
	PROBE_PORT_PROTECTION,
	PROBE_CMPXCHG16B,
	PROBE_HLT,
	PROBE_INTERRUPT,
	NR_PROBE_CHECKS
};

#define PROBE_REASON_MAX 120 /* bytes, with the NUL */

struct probe_result {
	int error; /* -errno if /dev/kvm cannot be had at all; then no checks */
	char reason[NR_PROBE_CHECKS][PROBE_REASON_MAX]; /* "": passed */
};

/** probe_check_name - such as "ring 3", for people and for JSON. */
const char *probe_check_name(enum probe_check check);

/** probe_vm_version - differs whenever the probe guest differs. */
uint64_t probe_vm_version(void);

/**
 * probe_vm - run all checks on /dev/kvm, each in a VM of its own.
 *
 * They run in a child process with a time limit, so a guest or a KVM that
 * hangs fails a check and does no more.
 * Needs: no other thread in this process.
 *
 * Returns how many checks failed; @result says which, and why.
 */
unsigned probe_vm(struct probe_result *result);

#endif
