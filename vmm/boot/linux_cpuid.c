/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CPUID shows in a Linux domain.
 *
 * Source: AMD APM vol. 3, "Obtaining Processor Information Via the CPUID
 * Instruction"; Intel SDM vol. 2, "CPUID"; Linux, Documentation/virt/kvm/
 * cpuid.rst.
 */
#include <asm/kvm_para.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/boot/linux.h"

#define LEAF_BASIC 0x1u
#define LEAF_CACHE 0x4u
#define LEAF_MONITOR 0x5u
#define LEAF_POWER 0x6u
#define LEAF_PERFMON 0xau
#define LEAF_TOPOLOGY 0xbu
#define LEAF_TOPOLOGY_V2 0x1fu
#define LEAF_EXTENDED 0x80000001u
#define LEAF_SIZES 0x80000008u
#define LEAF_SVM 0x8000000au
#define LEAF_TOPOLOGY_AMD 0x8000001eu

#define ECX1_MONITOR (1u << 3)
#define ECX1_VMX (1u << 5)
#define ECX1_X2APIC (1u << 21)
#define ECX1_TSC_DEADLINE (1u << 24)
#define ECX1_HYPERVISOR (1u << 31)
#define EDX1_APIC (1u << 9)
#define EDX1_HTT (1u << 28)
#define EBX1_BRAND_CLFLUSH 0xffffu /* the rest: APIC id, logical CPUs */

#define ECXE_LEGACY_CORES (1u << 1)
#define ECXE_SVM (1u << 2)
#define ECXE_APIC_SPACE (1u << 3)
#define ECXE_TOPOLOGY (1u << 22)
#define EDXE_APIC (1u << 9)

#define EAX4_CORES 0xffffc000u

#define KVM_FEATURES                                                      \
	(1u << KVM_FEATURE_CLOCKSOURCE | 1u << KVM_FEATURE_NOP_IO_DELAY | \
		1u << KVM_FEATURE_CLOCKSOURCE2 |                          \
		1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)

static void clear(struct kvm_cpuid_entry2 *e)
{
	e->eax = e->ebx = e->ecx = e->edx = 0;
}

static void filter(struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case LEAF_BASIC:
		e->ebx &= EBX1_BRAND_CLFLUSH;
		e->ecx &= ~(ECX1_MONITOR | ECX1_VMX | ECX1_X2APIC |
			    ECX1_TSC_DEADLINE);
		e->ecx |= ECX1_HYPERVISOR;
		e->edx &= ~(EDX1_APIC | EDX1_HTT);
		break;
	case LEAF_CACHE:
		e->eax &= ~EAX4_CORES;
		break;
	case LEAF_MONITOR:
	case LEAF_POWER:
	case LEAF_PERFMON:
	case LEAF_TOPOLOGY:
	case LEAF_TOPOLOGY_V2:
	case LEAF_SVM:
	case LEAF_TOPOLOGY_AMD:
		clear(e);
		break;
	case LEAF_EXTENDED:
		e->ecx &= ~(ECXE_LEGACY_CORES | ECXE_SVM | ECXE_APIC_SPACE |
			    ECXE_TOPOLOGY);
		e->edx &= ~EDXE_APIC;
		break;
	case LEAF_SIZES:
		e->ecx = 0; /* number of cores */
		break;
	case KVM_CPUID_FEATURES:
		e->eax &= KVM_FEATURES;
		e->edx = 0; /* hints */
		break;
	default:
		break;
	}
}

struct kvm_cpuid2 *linux_cpuid(const struct kvm_cpuid2 *supported)
{
	size_t size = sizeof(*supported) +
		      supported->nent * sizeof(supported->entries[0]);
	struct kvm_cpuid2 *cpuid = malloc(size);

	if (!cpuid)
		return NULL;
	memcpy(cpuid, supported, size);
	for (uint32_t i = 0; i < cpuid->nent; i++)
		filter(&cpuid->entries[i]);
	return cpuid;
}
