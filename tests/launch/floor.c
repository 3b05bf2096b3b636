/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor under every VMM: open /dev/kvm, make a machine with 64 MiB and one
 * vCPU, run it to its first port write, stop.
 *
 * With an argument the guest spins after the write, as tiny-wait does.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define RAM_SIZE (64u << 20)
#define SERIAL_PORT 0x3f8
#define EXIT_PORT 0xf4

/* Real mode: "!\n" to the serial port, then 0 to the exit port. */
static const uint8_t guest[] = {
	0xba, 0xf8, 0x03, /* mov $0x3f8, %dx */
	0xb0, '!',	  /* mov $'!', %al */
	0xee,		  /* out %al, %dx */
	0xb0, '\n',	  /* mov $'\n', %al */
	0xee,		  /* out %al, %dx */
	0xba, 0xf4, 0x00, /* mov $0xf4, %dx; here tiny-wait spins */
	0xee,		  /* out %al, %dx */
	0xf4,		  /* hlt */
};

#define WAIT_OFFSET 9

static const uint8_t spin[] = {0xf3, 0x90, 0xeb, 0xfc}; /* pause; jmp . */

struct floor {
	int vm;
	int vcpu;
	struct kvm_run *run;
};

static void *make_ram(void)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, RAM_SIZE) < 0)
		return NULL;

	void *ram =
		mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return ram == MAP_FAILED ? NULL : ram;
}

static int make_vm(struct floor *f, void *ram)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = RAM_SIZE,
		.userspace_addr = (uintptr_t)ram,
	};
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	f->vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (size < 0 || ioctl(f->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -1;
	f->vcpu = ioctl(f->vm, KVM_CREATE_VCPU, 0);
	f->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
		f->vcpu, 0);
	return f->run == MAP_FAILED ? -1 : 0;
}

static int set_registers(const struct floor *f)
{
	const struct kvm_regs regs = {.rip = 0x1000, .rflags = 2};
	struct kvm_sregs sregs;

	if (ioctl(f->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return -1;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(f->vcpu, KVM_SET_SREGS, &sregs) < 0)
		return -1;
	return ioctl(f->vcpu, KVM_SET_REGS, &regs);
}

static int run(const struct floor *f)
{
	struct kvm_run *run = f->run;

	for (;;) {
		if (ioctl(f->vcpu, KVM_RUN, 0) < 0 ||
			run->exit_reason != KVM_EXIT_IO)
			return 1;
		if (run->io.port == EXIT_PORT)
			return 0;
		if (run->io.port == SERIAL_PORT &&
			write(STDOUT_FILENO, (char *)run + run->io.data_offset,
				1) != 1)
			return 1;
	}
}

int main(int argc, char **argv)
{
	struct floor f;
	uint8_t *ram = make_ram();

	(void)argv;
	if (!ram)
		return 1;
	memcpy(ram + 0x1000, guest, sizeof(guest));
	if (argc > 1)
		memcpy(ram + 0x1000 + WAIT_OFFSET, spin, sizeof(spin));
	if (make_vm(&f, ram) || set_registers(&f))
		return 1;
	return run(&f);
}
