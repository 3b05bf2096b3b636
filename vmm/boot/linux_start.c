/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the Linux domain of a launch record.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/boot/linux.h"
#include "vmm/domain.h"
#include "vmm/system.h"

#define CPUID_XSTATE 0xdu

/*
 * All of XCR0 that CPUID offers, as the kernel will set it itself.  KVM
 * computes the size of the XSAVE area from it when the kernel's XSETBV exits;
 * an emulated SVM without that intercept (QEMU 7.2) would leave it wrong, and
 * the kernel warn of it.
 */
static int enable_xstate(struct domain *d, const struct kvm_cpuid2 *cpuid)
{
	struct kvm_xcrs xcrs = {.nr_xcrs = 1};

	for (uint32_t i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == CPUID_XSTATE && e->index == 0)
			xcrs.xcrs[0].value = (uint64_t)e->edx << 32 | e->eax;
	}
	if (!xcrs.xcrs[0].value)
		return 0; /* no XSAVE */
	return ioctl(d->vcpu.fd, KVM_SET_XCRS, &xcrs) < 0 ? -errno : 0;
}

static int set_cpuid(struct domain *d)
{
	struct kvm_cpuid2 *cpuid = linux_cpuid(d->system->kvm.cpuid);
	int err = cpuid ? vcpu_set_cpuid(&d->vcpu, cpuid) : -ENOMEM;

	if (!err)
		err = enable_xstate(d, cpuid);
	free(cpuid);
	return err;
}

static const char *text_or_null(const struct launch *launch, uint32_t offset)
{
	return offset ? launch_string(launch, offset) : NULL;
}

int boot_linux(struct domain *d, const struct launch *launch,
	struct machine_error *error)
{
	struct linux_source source = {
		.kernel = launch_string(launch, d->conf->kernel),
		.initrd = text_or_null(launch, d->conf->initrd),
		.cmdline = text_or_null(launch, d->conf->cmdline),
		.ram_bytes = d->conf->ram_bytes,
	};
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	int err = set_cpuid(d);

	if (!err && ioctl(d->vcpu.fd, KVM_GET_SREGS, &sregs) < 0)
		err = -errno;
	if (err) {
		snprintf(error->text, sizeof(error->text),
			"%s: the host refused its CPUID: %s", d->name,
			strerror(-err));
		return -1;
	}
	if (linux_load(&d->mem, &source, &regs, &sregs, error))
		return -1;
	err = vcpu_set_regs(&d->vcpu, &regs, &sregs);
	if (err)
		snprintf(error->text, sizeof(error->text),
			"%s: the host refused its registers: %s", d->name,
			strerror(-err));
	return err ? -1 : 0;
}
