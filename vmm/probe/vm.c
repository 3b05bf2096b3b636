/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/probe/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/probe/layout.h"

#define CHECK_SECONDS 5
#define EXITS_MAX 16
#define CPUID_MAX 256 /* leaves */

/* guest.S */
extern const char probe_guest[], probe_guest_end[];
extern const char probe_long_mode[], probe_ring3[], probe_page_fault[];
extern const char probe_int_n[], probe_syscall[], probe_port_protection[];
extern const char probe_cmpxchg16b[], probe_hlt[], probe_interrupt[];
extern const char probe_unexpected[], probe_on_invalid_opcode[];
extern const char probe_on_page_fault[], probe_on_protection[], probe_on_int[];
extern const char probe_on_interrupt[];

static const struct {
	const char *name;
	const char *entry;
} question[NR_PROBE_CHECKS] = {
	[PROBE_LONG_MODE] = {"long mode", probe_long_mode},
	[PROBE_RING3] = {"ring 3", probe_ring3},
	[PROBE_PAGE_FAULT] = {"page fault", probe_page_fault},
	[PROBE_INT_N] = {"int n", probe_int_n},
	[PROBE_SYSCALL] = {"syscall/sysretq", probe_syscall},
	[PROBE_PORT_PROTECTION] = {"port protection", probe_port_protection},
	[PROBE_CMPXCHG16B] = {"cmpxchg16b", probe_cmpxchg16b},
	[PROBE_HLT] = {"hlt exit", probe_hlt},
	[PROBE_INTERRUPT] = {"interrupt injection", probe_interrupt},
};

struct probe_vm {
	int kvm, vm, vcpu;
	char *memory;
	struct kvm_run *run;
	char *why; /* PROBE_REASON_MAX */
};

const char *probe_check_name(enum probe_check check)
{
	return question[check].name;
}

/* FNV-1a. */
uint64_t probe_vm_version(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *p = probe_guest; p != probe_guest_end; p++)
		hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t guest_address(const char *label)
{
	return PROBE_CODE + (uint64_t)(label - probe_guest);
}

static void put64(struct probe_vm *p, uint64_t gpa, uint64_t value)
{
	memcpy(p->memory + gpa, &value, sizeof(value));
}

/* SDM vol. 3, "64-Bit Mode IDT": an interrupt gate, DPL 3 so int n may. */
static void set_gate(struct probe_vm *p, unsigned vector, const char *handler)
{
	uint64_t to = guest_address(handler);

	put64(p, PROBE_IDT + vector * 16,
		(to & 0xffff) | PROBE_KCODE << 16 | UINT64_C(0xee00) << 32 |
			(to >> 16 & 0xffff) << 48);
	put64(p, PROBE_IDT + vector * 16 + 8, to >> 32);
}

static void fill_memory(struct probe_vm *p)
{
	put64(p, PROBE_PML4, PROBE_PDPT | 7);
	put64(p, PROBE_PDPT, PROBE_PD | 7);
	put64(p, PROBE_PD, 0x87); /* 2 MiB, user, writable */
	put64(p, PROBE_GDT + PROBE_KCODE, UINT64_C(0x00af9b000000ffff));
	put64(p, PROBE_GDT + PROBE_KDATA, UINT64_C(0x00cf93000000ffff));
	put64(p, PROBE_GDT + (PROBE_UDATA & ~7), UINT64_C(0x00cff3000000ffff));
	put64(p, PROBE_GDT + (PROBE_UCODE & ~7), UINT64_C(0x00affb000000ffff));
	put64(p, PROBE_GDT + PROBE_TR,
		UINT64_C(0x00008b0000000067) | PROBE_TSS << 16);
	put64(p, PROBE_TSS + 4, PROBE_KSTACK);		/* RSP0 */
	put64(p, PROBE_TSS + 96, UINT64_C(0x68) << 48); /* no I/O bitmap */
	for (unsigned vector = 0; vector < 256; vector++)
		set_gate(p, vector, probe_unexpected);
	set_gate(p, PROBE_VECTOR_UD, probe_on_invalid_opcode);
	set_gate(p, PROBE_VECTOR_GP, probe_on_protection);
	set_gate(p, PROBE_VECTOR_PF, probe_on_page_fault);
	set_gate(p, PROBE_VECTOR_SOFT, probe_on_int);
	set_gate(p, PROBE_VECTOR_AGAIN, probe_on_invalid_opcode);
	set_gate(p, PROBE_VECTOR_DEVICE, probe_on_interrupt);
	memcpy(p->memory + PROBE_CODE, probe_guest,
		(size_t)(probe_guest_end - probe_guest));
}

static bool fail(struct probe_vm *p, const char *what)
{
	snprintf(p->why, PROBE_REASON_MAX, "%s: %s", what, strerror(errno));
	return false;
}

static bool set_registers(struct probe_vm *p, const char *entry)
{
	struct kvm_segment code = {.limit = 0xffffffff,
		.selector = PROBE_KCODE,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1};
	struct kvm_segment data = {.limit = 0xffffffff,
		.selector = PROBE_KDATA,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1};
	struct kvm_regs regs = {
		.rip = guest_address(entry), .rsp = PROBE_KSTACK, .rflags = 2};
	struct kvm_sregs sregs;

	if (ioctl(p->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return fail(p, "KVM_GET_SREGS");
	sregs.cs = code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.tr = (struct kvm_segment){.base = PROBE_TSS,
		.limit = 0x67,
		.selector = PROBE_TR,
		.type = 11,
		.present = 1};
	sregs.ldt = (struct kvm_segment){.unusable = 1};
	sregs.gdt = (struct kvm_dtable){.base = PROBE_GDT, .limit = 0x37};
	sregs.idt = (struct kvm_dtable){.base = PROBE_IDT, .limit = 0xfff};
	sregs.cr0 = 0x80010033; /* PG WP NE ET MP PE */
	sregs.cr3 = PROBE_PML4;
	sregs.cr4 = 0x620;  /* OSXMMEXCPT OSFXSR PAE */
	sregs.efer = 0xd01; /* NXE LMA LME SCE */
	if (ioctl(p->vcpu, KVM_SET_SREGS, &sregs) < 0)
		return fail(p, "KVM_SET_SREGS");
	if (ioctl(p->vcpu, KVM_SET_REGS, &regs) < 0)
		return fail(p, "KVM_SET_REGS");
	return true;
}

/* The guest sees the CPU that KVM can show: it needs cmpxchg16b's bit. */
static bool set_cpuid(struct probe_vm *p)
{
	_Alignas(struct kvm_cpuid2) char
		buf[sizeof(struct kvm_cpuid2) +
			CPUID_MAX * sizeof(struct kvm_cpuid_entry2)] = {0};
	struct kvm_cpuid2 *cpuid = (struct kvm_cpuid2 *)buf;

	cpuid->nent = CPUID_MAX;
	if (ioctl(p->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) < 0)
		return fail(p, "KVM_GET_SUPPORTED_CPUID");
	if (ioctl(p->vcpu, KVM_SET_CPUID2, cpuid) < 0)
		return fail(p, "KVM_SET_CPUID2");
	return true;
}

static bool create(struct probe_vm *p)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = PROBE_MEMORY,
	};
	int size;

	p->vm = ioctl(p->kvm, KVM_CREATE_VM, 0);
	if (p->vm < 0)
		return fail(p, "KVM_CREATE_VM");
	p->memory = mmap(NULL, PROBE_MEMORY, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->memory == MAP_FAILED)
		return fail(p, "mmap");
	region.userspace_addr = (uintptr_t)p->memory;
	if (ioctl(p->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return fail(p, "KVM_SET_USER_MEMORY_REGION");
	p->vcpu = ioctl(p->vm, KVM_CREATE_VCPU, 0);
	if (p->vcpu < 0)
		return fail(p, "KVM_CREATE_VCPU");
	size = ioctl(p->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return fail(p, "KVM_GET_VCPU_MMAP_SIZE");
	p->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
		p->vcpu, 0);
	if (p->run == MAP_FAILED)
		return fail(p, "mmap of the vCPU");
	return true;
}

static bool judge_io(struct probe_vm *p)
{
	const struct kvm_run *run = p->run;
	uint8_t verdict = *((const uint8_t *)run + run->io.data_offset);

	if (run->io.port == PROBE_PORT && verdict == PROBE_PASSED)
		return true;
	snprintf(p->why, PROBE_REASON_MAX, "wrong result (port 0x%x, 0x%x)",
		run->io.port, verdict);
	return false;
}

static bool inject(struct probe_vm *p)
{
	struct kvm_interrupt interrupt = {.irq = PROBE_VECTOR_DEVICE};

	if (!p->run->if_flag || !p->run->ready_for_interrupt_injection) {
		snprintf(p->why, PROBE_REASON_MAX, "not ready after sti, hlt");
		return false;
	}
	if (ioctl(p->vcpu, KVM_INTERRUPT, &interrupt) < 0)
		return fail(p, "KVM_INTERRUPT");
	return true;
}

/* What stopped the guest, for a person. */
static bool fail_exit(struct probe_vm *p)
{
	struct kvm_regs regs = {0};

	(void)ioctl(p->vcpu, KVM_GET_REGS, &regs);
	snprintf(p->why, PROBE_REASON_MAX,
		"exit reason %u (%s) at instruction 0x%llx",
		p->run->exit_reason,
		p->run->exit_reason == KVM_EXIT_INTERNAL_ERROR
			? "internal error"
		: p->run->exit_reason == KVM_EXIT_SHUTDOWN   ? "shutdown"
		: p->run->exit_reason == KVM_EXIT_FAIL_ENTRY ? "failed entry"
							     : "unexpected",
		(unsigned long long)regs.rip);
	return false;
}

static bool run_guest(struct probe_vm *p, enum probe_check check)
{
	bool halted = false;

	for (unsigned exits = 0; exits < EXITS_MAX; exits++) {
		if (ioctl(p->vcpu, KVM_RUN, 0) < 0)
			return fail(p, "KVM_RUN");
		switch (p->run->exit_reason) {
		case KVM_EXIT_IO:
			return judge_io(p);
		case KVM_EXIT_HLT:
			if (check == PROBE_HLT)
				return true;
			if (check != PROBE_INTERRUPT || halted)
				return fail_exit(p);
			halted = true;
			if (!inject(p))
				return false;
			break;
		default:
			return fail_exit(p);
		}
	}
	snprintf(p->why, PROBE_REASON_MAX, "no verdict");
	return false;
}

/* In the child, which ends soon: the kernel takes everything back. */
static void ask(int kvm, enum probe_check check, char *why)
{
	struct probe_vm p = {.kvm = kvm, .why = why};

	alarm(CHECK_SECONDS);
	snprintf(why, PROBE_REASON_MAX, "no answer within %d s", CHECK_SECONDS);
	if (!create(&p) || !set_cpuid(&p))
		return;
	fill_memory(&p);
	if (!set_registers(&p, question[check].entry))
		return;
	if (run_guest(&p, check))
		why[0] = '\0';
}

unsigned probe_vm(struct probe_result *result)
{
	struct probe_result *shared = mmap(NULL, sizeof(*shared),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned failed = 0;
	int kvm;

	memset(result, 0, sizeof(*result));
	if (shared == MAP_FAILED) {
		result->error = -errno;
		return NR_PROBE_CHECKS;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		result->error = kvm < 0 ? -errno : -ENOTTY;
		munmap(shared, sizeof(*shared));
		return NR_PROBE_CHECKS;
	}
	for (unsigned i = 0; i < NR_PROBE_CHECKS; i++) {
		pid_t child = fork();

		if (child == 0) {
			ask(kvm, i, shared->reason[i]);
			_exit(0);
		}
		if (child < 0)
			snprintf(shared->reason[i], PROBE_REASON_MAX,
				"fork: %s", strerror(errno));
		else
			waitpid(child, NULL, 0);
		failed += shared->reason[i][0] != '\0';
	}
	close(kvm);
	memcpy(result, shared, sizeof(*result));
	munmap(shared, sizeof(*shared));
	return failed;
}
