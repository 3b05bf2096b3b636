/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software breakpoints are int3 in guest-physical memory, so they are in every
 * address space that has the page; the address that the debugger gave is
 * translated once, as the vCPU stands when it is set.  Hardware breakpoints
 * and watchpoints are virtual addresses in any space.
 *
 * On a host where int3 does not work (gdb/ability.h), hlt stands for it, in
 * kernels only.
 */
#include "vmm/gdb/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/gdb/ability.h"
#include "vmm/gdb/hold.h"
#include "vmm/system.h"

#define PAGE_MASK UINT64_C(0xfff)
#define SOFTWARE_MAX 256
#define HARDWARE_MAX 4 /* address registers of the CPU */
#define INT3 0xcc
#define HLT 0xf4
#define KERNEL_HALF(address) ((address) >> 63)
#define VECTOR_DB 1
#define VECTOR_BP 3
#define DR6_BS (UINT64_C(1) << 14)
#define DR7_FIXED UINT64_C(0x600) /* GE, and a bit that is always one */
#define DR7_GLOBAL(i) (UINT64_C(2) << 2 * (i))
#define DR7_CONDITION(i, rw, length) \
	((uint64_t)((length) << 2 | (rw)) << (16 + 4 * (i)))
#define RFLAGS_TF (UINT64_C(1) << 8)
#define RFLAGS_IF (UINT64_C(1) << 9)

struct software_break {
	bool used;
	uint8_t original; /* byte */
	uint64_t address; /* as the debugger named it */
	gpa_t gpa;
};

struct hardware_break {
	bool used;
	enum gdb_break kind;
	uint64_t address;
	uint64_t size;
};

struct gdb_target {
	struct system *system;
	unsigned index;
	int event_fd;
	struct gdb_stop stop;
	struct gdb_ability ability;
	uint8_t patch; /* the byte that software breakpoints are */
	bool stepped;  /* a trap flag may have been saved by the guest */
	struct software_break software[SOFTWARE_MAX];
	struct hardware_break hardware[HARDWARE_MAX];
};

static struct domain *living(struct gdb_target *t)
{
	struct domain *d = t->system->domain[t->index];

	return d && d->life == DOMAIN_LIVE && d->debug == t ? d : NULL;
}

/* The domain if it stands still: 0 with the lock held, or -errno without. */
static int lock_held(struct gdb_target *t, struct domain **d)
{
	int err = 0;

	system_lock(t->system);
	*d = living(t);
	if (!*d)
		err = -ESRCH;
	else if ((*d)->hold != HOLD_ON)
		err = -EBUSY;
	if (err)
		system_unlock(t->system);
	return err;
}

/* Registers. --------------------------------------------------------------- */

static int get_cpu(const struct domain *d, struct gdb_cpu *cpu)
{
	int fd = d->vcpu.fd;

	memset(cpu, 0, sizeof(*cpu));
	if (ioctl(fd, KVM_GET_REGS, &cpu->regs) < 0 ||
		ioctl(fd, KVM_GET_SREGS, &cpu->sregs) < 0 ||
		ioctl(fd, KVM_GET_FPU, &cpu->fpu) < 0)
		return -errno;
	return 0;
}

/* What is as it was is left alone: the host may refuse what it has itself. */
static int put_cpu(
	struct domain *d, const struct gdb_cpu *old, const struct gdb_cpu *cpu)
{
	int fd = d->vcpu.fd;

	if (memcmp(&old->sregs, &cpu->sregs, sizeof(cpu->sregs)) != 0 &&
		ioctl(fd, KVM_SET_SREGS, &cpu->sregs) < 0)
		return -errno;
	if (memcmp(&old->fpu, &cpu->fpu, sizeof(cpu->fpu)) != 0 &&
		ioctl(fd, KVM_SET_FPU, &cpu->fpu) < 0)
		return -errno;
	if (memcmp(&old->regs, &cpu->regs, sizeof(cpu->regs)) != 0 &&
		ioctl(fd, KVM_SET_REGS, &cpu->regs) < 0)
		return -errno;
	/* Somewhere else it is neither idle nor halted. */
	if (old->regs.rip != cpu->regs.rip)
		d->state = VCPU_RUNNING;
	d->vcpu.run->if_flag = !!(cpu->regs.rflags & RFLAGS_IF);
	return 0;
}

int gdb_target_get_cpu(struct gdb_target *t, struct gdb_cpu *cpu)
{
	struct domain *d;
	int err = lock_held(t, &d);

	if (err)
		return err;
	err = get_cpu(d, cpu);
	system_unlock(t->system);
	return err;
}

int gdb_target_put_cpu(struct gdb_target *t, const struct gdb_cpu *cpu)
{
	struct gdb_cpu old;
	struct domain *d;
	int err = lock_held(t, &d);

	if (err)
		return err;
	err = get_cpu(d, &old);
	if (!err)
		err = put_cpu(d, &old, cpu);
	system_unlock(t->system);
	return err;
}

/* Memory. ------------------------------------------------------------------ */

static int translate(const struct domain *d, uint64_t address, gpa_t *gpa)
{
	struct kvm_translation tr = {.linear_address = address};

	if (ioctl(d->vcpu.fd, KVM_TRANSLATE, &tr) < 0 || !tr.valid)
		return -EFAULT;
	*gpa = (gpa_t){tr.physical_address};
	return 0;
}

static bool within(const struct software_break *b, gpa_t gpa, size_t size)
{
	return b->used && b->gpa.addr - gpa.addr < size;
}

/* The debugger does not see its own breakpoints. */
static int read_page(struct gdb_target *t, const struct domain *d, gpa_t gpa,
	uint8_t *bytes, size_t size)
{
	int err = guestmem_read(&d->mem, gpa, bytes, size);

	if (err)
		return err;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++) {
		const struct software_break *b = &t->software[i];

		if (within(b, gpa, size))
			bytes[b->gpa.addr - gpa.addr] = b->original;
	}
	return 0;
}

static int write_page(struct gdb_target *t, struct domain *d, gpa_t gpa,
	const uint8_t *bytes, size_t size)
{
	int err = guestmem_write(&d->mem, gpa, bytes, size);

	for (unsigned i = 0; !err && i < SOFTWARE_MAX; i++) {
		struct software_break *b = &t->software[i];

		if (!within(b, gpa, size))
			continue;
		b->original = bytes[b->gpa.addr - gpa.addr];
		err = guestmem_write(&d->mem, b->gpa, &t->patch, 1);
	}
	return err;
}

static size_t left_in_page(uint64_t address, size_t size)
{
	size_t left = PAGE_MASK + 1 - (address & PAGE_MASK);

	return size < left ? size : left;
}

int gdb_target_read(
	struct gdb_target *t, uint64_t address, void *bytes, size_t size)
{
	struct domain *d;
	size_t got = 0;
	int err = lock_held(t, &d);

	if (err)
		return err;
	while (got < size) {
		size_t piece = left_in_page(address + got, size - got);
		gpa_t gpa;

		err = translate(d, address + got, &gpa);
		if (!err)
			err = read_page(
				t, d, gpa, (uint8_t *)bytes + got, piece);
		if (err)
			break;
		got += piece;
	}
	system_unlock(t->system);
	return got ? (int)got : err;
}

int gdb_target_write(
	struct gdb_target *t, uint64_t address, const void *bytes, size_t size)
{
	struct domain *d;
	size_t done = 0;
	int err = lock_held(t, &d);

	if (err)
		return err;
	while (!err && done < size) {
		size_t piece = left_in_page(address + done, size - done);
		gpa_t gpa;

		err = translate(d, address + done, &gpa);
		if (!err)
			err = write_page(t, d, gpa,
				(const uint8_t *)bytes + done, piece);
		done += piece;
	}
	system_unlock(t->system);
	return err;
}

/* Breakpoints. ------------------------------------------------------------- */

static struct software_break *software_find(
	struct gdb_target *t, uint64_t address)
{
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (t->software[i].used && t->software[i].address == address)
			return &t->software[i];
	return NULL;
}

static int software_insert(
	struct gdb_target *t, struct domain *d, uint64_t address)
{
	struct software_break *b = NULL;
	struct software_break new = {.used = true, .address = address};
	int err;

	if (!t->ability.int3 && !KERNEL_HALF(address))
		return -ENOTSUP;
	if (software_find(t, address))
		return 0;
	for (unsigned i = 0; i < SOFTWARE_MAX && !b; i++)
		if (!t->software[i].used)
			b = &t->software[i];
	if (!b)
		return -ENOSPC;
	err = translate(d, address, &new.gpa);
	if (!err)
		err = read_page(t, d, new.gpa, &new.original, 1);
	if (!err)
		err = guestmem_write(&d->mem, new.gpa, &t->patch, 1);
	if (!err)
		*b = new;
	return err;
}

/* The guest may have put something else there meanwhile: that stays. */
static void software_remove(
	struct gdb_target *t, struct domain *d, struct software_break *b)
{
	uint8_t now = 0;

	b->used = false;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (within(&t->software[i], b->gpa, 1))
			return; /* it has another name, too */
	if (!guestmem_read(&d->mem, b->gpa, &now, 1) && now == t->patch &&
		guestmem_write(&d->mem, b->gpa, &b->original, 1))
		return; /* not reached: it could be read */
}

static struct hardware_break *hardware_find(struct gdb_target *t,
	enum gdb_break kind, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		struct hardware_break *b = &t->hardware[i];

		if (b->used && b->kind == kind && b->address == address &&
			b->size == size)
			return b;
	}
	return NULL;
}

static int hardware_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	if ((size != 1 && size != 2 && size != 4 && size != 8) ||
		address % size)
		return -EINVAL;
	if (!t->ability.debug_registers)
		return -ENOTSUP;
	if (hardware_find(t, kind, address, size))
		return 0;
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		if (t->hardware[i].used)
			continue;
		t->hardware[i] =
			(struct hardware_break){true, kind, address, size};
		return 0;
	}
	return -ENOSPC;
}

int gdb_target_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	struct domain *d;
	int err = lock_held(t, &d);

	if (err)
		return err;
	if (kind == GDB_BREAK_SOFTWARE)
		err = software_insert(t, d, address);
	else
		err = hardware_insert(t, kind, address,
			kind == GDB_BREAK_HARDWARE ? 1 : size);
	system_unlock(t->system);
	return err;
}

int gdb_target_remove(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	struct software_break *s;
	struct hardware_break *h;
	struct domain *d;
	int err = lock_held(t, &d);

	if (err)
		return err;
	if (kind == GDB_BREAK_SOFTWARE) {
		s = software_find(t, address);
		if (s)
			software_remove(t, d, s);
	} else {
		h = hardware_find(t, kind, address,
			kind == GDB_BREAK_HARDWARE ? 1 : size);
		if (h)
			h->used = false;
	}
	system_unlock(t->system);
	return 0;
}

static uint64_t dr7_of(unsigned i, const struct hardware_break *b)
{
	static const uint8_t length[] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
	/* There is no condition that is reading alone. */
	static const uint8_t rw[] = {
		[GDB_BREAK_HARDWARE] = 0,
		[GDB_WATCH_WRITE] = 1,
		[GDB_WATCH_READ] = 3,
		[GDB_WATCH_ACCESS] = 3,
	};

	return DR7_GLOBAL(i) | DR7_CONDITION(i, rw[b->kind], length[b->size]);
}

/* Tell KVM what to stop at; @more: further KVM_GUESTDBG_ bits. */
static int apply(struct gdb_target *t, const struct domain *d, uint32_t more)
{
	struct kvm_guest_debug debug = {.control = more};
	/* Traps of a saved trap flag have to come here after a step. */
	bool hardware = t->stepped;

	debug.arch.debugreg[7] = DR7_FIXED;
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		const struct hardware_break *b = &t->hardware[i];

		if (!b->used)
			continue;
		debug.arch.debugreg[i] = b->address;
		debug.arch.debugreg[7] |= dr7_of(i, b);
		hardware = true;
	}
	if (hardware)
		debug.control |= KVM_GUESTDBG_USE_HW_BP;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (t->software[i].used)
			debug.control |= KVM_GUESTDBG_USE_SW_BP;
	if (d->hold == HOLD_STEP)
		debug.control |= KVM_GUESTDBG_SINGLESTEP;
	if (debug.control)
		debug.control |= KVM_GUESTDBG_ENABLE;
	return ioctl(d->vcpu.fd, KVM_SET_GUEST_DEBUG, &debug) < 0 ? -errno : 0;
}

/* Running and stopping. ---------------------------------------------------- */

static void run_on(struct domain *d)
{
	d->if_off_since = 0;
	domain_wake(d);
}

int gdb_target_resume(struct gdb_target *t, bool step)
{
	struct domain *d;
	int err = lock_held(t, &d);

	if (err)
		return err;
	d->hold = step ? HOLD_STEP : HOLD_NONE;
	t->stepped |= step;
	err = apply(t, d, 0);
	if (err) {
		d->hold = HOLD_ON;
	} else {
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		run_on(d);
	}
	system_unlock(t->system);
	return err;
}

void gdb_target_release(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d && d->hold == HOLD_ON) {
		for (unsigned i = 0; i < SOFTWARE_MAX; i++)
			if (t->software[i].used)
				software_remove(t, d, &t->software[i]);
		memset(t->hardware, 0, sizeof(t->hardware));
		t->stepped = false;
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		d->hold = HOLD_NONE;
		if (apply(t, d, 0))
			domain_crash(d, "the host cannot end debugging");
		else
			run_on(d);
	}
	system_unlock(t->system);
}

void gdb_target_stop(struct gdb_target *t, struct gdb_stop *stop)
{
	system_lock(t->system);
	*stop = t->stop;
	system_unlock(t->system);
}

void gdb_target_interrupt(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d && (d->hold == HOLD_NONE || d->hold == HOLD_STEP)) {
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		d->hold = HOLD_WANTED;
		domain_wake(d);
	}
	system_unlock(t->system);
}

void gdb_target_kill(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d)
		domain_crash(d, "killed by its debugger");
	system_unlock(t->system);
}

int gdb_target_create(struct gdb_target **target, struct system *system,
	unsigned index, int event_fd)
{
	struct domain *d = system->domain[index];
	struct gdb_ability ability = {0};
	struct gdb_target *t;
	int err = gdb_ability_find(&system->kvm, &ability);

	if (err)
		return err;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	*t = (struct gdb_target){
		.system = system,
		.index = index,
		.event_fd = event_fd,
		.stop = {.reason = GDB_STOP_TRAP},
		.ability = ability,
		.patch = ability.int3 ? INT3 : HLT,
	};
	system->debug[index] = d->debug = t;
	d->hold = HOLD_ON;
	*target = t;
	return 0;
}

void gdb_target_destroy(struct gdb_target *t)
{
	struct domain *d = t->system->domain[t->index];

	t->system->debug[t->index] = NULL;
	if (d)
		d->debug = NULL;
	free(t);
}

/* In the thread that runs the vCPU. ---------------------------------------- */

static void notify(struct gdb_target *t)
{
	uint64_t one = 1;
	ssize_t n = write(t->event_fd, &one, sizeof(one));

	(void)n; /* full means that it is readable */
}

static void stop(struct domain *d, struct gdb_stop why)
{
	d->debug->stop = why;
	d->hold = HOLD_ON;
	notify(d->debug);
}

/* A step is not led astray by interrupts, unless there is nothing else. */
void hold_prepare(struct domain *d)
{
	if (d->hold == HOLD_WANTED)
		d->vcpu.run->immediate_exit = 1;
	else if (d->state != VCPU_RUNNING)
		domain_prepare(d);
	else
		d->vcpu.run->request_interrupt_window = 0;
}

void hold_stopped(struct domain *d)
{
	stop(d, (struct gdb_stop){.reason = GDB_STOP_INTERRUPT});
}

/* Returns false if the int3 is the guest's own. */
static bool at_software_break(struct domain *d, uint64_t pc)
{
	struct gdb_target *t = d->debug;
	gpa_t gpa;

	if (software_find(t, pc))
		return true;
	if (translate(d, pc, &gpa))
		return false;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (within(&t->software[i], gpa, 1))
			return true;
	return false;
}

static void exit_int3(struct domain *d, uint64_t pc)
{
	if (at_software_break(d, pc))
		stop(d, (struct gdb_stop){.reason = GDB_STOP_BREAK,
				.kind = GDB_BREAK_SOFTWARE});
	else if (apply(d->debug, d, KVM_GUESTDBG_INJECT_BP))
		domain_crash(d, "the host cannot give it its own breakpoint");
}

/* The trap flag that a step left in a saved register, or the guest's own. */
static void exit_stray_trap(struct domain *d)
{
	struct kvm_regs regs;

	if (!d->debug->stepped) {
		if (apply(d->debug, d, KVM_GUESTDBG_INJECT_DB))
			domain_crash(d, "the host cannot give it its own trap");
		return;
	}
	if (ioctl(d->vcpu.fd, KVM_GET_REGS, &regs) < 0)
		return;
	regs.rflags &= ~RFLAGS_TF;
	ioctl(d->vcpu.fd, KVM_SET_REGS, &regs);
}

static const struct hardware_break *trapped_by(
	struct domain *d, const struct kvm_debug_exit_arch *arch)
{
	for (unsigned i = 0; i < HARDWARE_MAX; i++)
		if (d->debug->hardware[i].used && (arch->dr6 >> i & 1))
			return &d->debug->hardware[i];
	return NULL;
}

static void exit_trap(struct domain *d, const struct kvm_debug_exit_arch *arch)
{
	const struct hardware_break *b = trapped_by(d, arch);

	if (b)
		stop(d, (struct gdb_stop){.reason = GDB_STOP_BREAK,
				.kind = b->kind,
				.address = b->address});
	else if (d->hold == HOLD_STEP)
		stop(d, (struct gdb_stop){.reason = GDB_STOP_TRAP});
	else
		exit_stray_trap(d);
}

void hold_debug_exit(struct domain *d)
{
	const struct kvm_debug_exit_arch *arch = &d->vcpu.run->debug.arch;

	if (!d->debug)
		domain_crash(d, "breakpoint at %#llx, and no debugger",
			(unsigned long long)arch->pc);
	else if (arch->exception == VECTOR_BP)
		exit_int3(d, arch->pc);
	else
		exit_trap(d, arch);
}

bool hold_halted(struct domain *d)
{
	struct kvm_regs regs;

	if (d->debug->patch != HLT ||
		ioctl(d->vcpu.fd, KVM_GET_REGS, &regs) < 0)
		return false;
	regs.rip--; /* the exit comes behind the instruction */
	if (!at_software_break(d, regs.rip) ||
		ioctl(d->vcpu.fd, KVM_SET_REGS, &regs) < 0)
		return false;
	stop(d, (struct gdb_stop){
			.reason = GDB_STOP_BREAK, .kind = GDB_BREAK_SOFTWARE});
	return true;
}

void hold_ended(struct domain *d)
{
	struct gdb_target *t = d->debug;

	memset(t->software, 0, sizeof(t->software));
	memset(t->hardware, 0, sizeof(t->hardware));
	t->stepped = false;
	t->stop = (struct gdb_stop){
		.reason = d->life == DOMAIN_STOPPED ? GDB_EXITED : GDB_CRASHED,
		.status = d->exit_status,
	};
	notify(t);
}
