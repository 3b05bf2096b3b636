/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and unmaking domains.  What they do while they live is in the files
 * of the executors.
 */
#include "vmm/domain.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vmm/abi/container.h"
#include "vmm/action.h"
#include "vmm/executor.h"
#include "vmm/exit.h"
#include "vmm/gdb/hold.h"
#include "vmm/host.h"
#include "vmm/memory/present.h"
#include "vmm/setup.h"
#include "vmm/system.h"

/* Interrupts off for longer is a fault; where time is instructions, a kernel
 * has no excuse. */
#define IF_LIMIT_US 100000
#define IF_LIMIT_INSTRUCTIONS_US 1000

static struct domain *fail(struct domain *d, struct machine_error *error,
	const char *what, int err)
{
	snprintf(error->text, sizeof(error->text), "%s: %s: %s", d->name, what,
		strerror(-err));
	domain_destroy(d);
	return NULL;
}

static void timer_expired(struct timer *t, uint64_t now)
{
	struct domain *d = TIMER_OF(t, struct domain, timer);

	(void)now;
	d->due |= DUE_TIMER;
	d->next_timer = CLOCK_NEVER;
	domain_wake(d);
}

static void machine_timer_expired(struct timer *t, uint64_t now)
{
	struct domain *d = TIMER_OF(t, struct domain, machine_timer);

	exit_expire_machine(d, now);
}

/* Images are loaded before it runs: while others do, where zeroes are. */
static void fill_ram(struct domain *d)
{
	struct filler *f = &d->system->filler;
	struct frame_run run;

	if (f->asked && setup_any_reserved(d->system) &&
		!backing_lookup(d->ram, 0, &run))
		filler_fill(f, run.first * FRAME_SIZE, d->conf->ram_bytes);
}

/* A backing as the domain's RAM, in one slot from address 0 on. */
static int make_ram(struct domain *d)
{
	uint64_t frames = d->conf->ram_bytes / FRAME_SIZE;
	int err = backing_create(&d->ram, d->system->pool);

	if (!err)
		err = backing_allocate(d->ram, 0, frames);
	if (!err)
		err = memslot_add(&d->mem, (gpa_t){0}, d->conf->ram_bytes);
	if (!err)
		err = window_map(&d->mem, (gpa_t){0}, d->ram,
			(struct frame_run){0, frames}, PROT_READ | PROT_WRITE);
	if (!err)
		fill_ram(d);
	return err;
}

static int make_control(struct domain *d)
{
	gpa_t gpa = {CONTROL_GPA};
	int err = backing_create(&d->control_frame, d->system->pool);

	if (!err)
		err = backing_allocate(d->control_frame, 0, 1);
	if (!err)
		err = memslot_add(&d->mem, gpa, CONTROL_SIZE);
	if (!err)
		err = window_map(&d->mem, gpa, d->control_frame,
			(struct frame_run){0, 1}, PROT_READ | PROT_WRITE);
	if (err)
		return err;
	d->control = guestmem_hva(&d->mem, gpa, CONTROL_SIZE);
	d->control->abi_version = CONTROL_ABI_VERSION;
	d->control->domain_index = d->index;
	d->control->tsc_offset = -d->system->tsc_origin;
	d->control->us_mult = clock_us_mult();
	d->control->tsc_khz = clock_tsc_khz();
	d->control->next_timer = CONTROL_NEVER;
	return 0;
}

uint64_t domain_balloon(const struct launch_domain *conf)
{
	return conf->kind == LAUNCH_KIND_L4 ? 0 : conf->frames_extra;
}

static struct memory_share share_of(const struct launch_domain *conf)
{
	uint64_t balloon = domain_balloon(conf);

	return (struct memory_share){
		.ram = conf->ram_bytes / FRAME_SIZE - balloon,
		.balloon = balloon,
		.guaranteed = conf->frames_guaranteed,
		.extra = conf->frames_extra,
		.runs = conf->runs,
		.share = conf->share,
		.may_control = conf->flags & LAUNCH_CONTROL,
	};
}

/* Others share containers with it from now on: under the lock. */
static int join_memory(struct domain *d)
{
	const struct memory_share share = share_of(d->conf);
	int err;

	system_lock(d->system);
	d->memory = memory_join(&d->system->memory, d, d->index, &d->mem,
		d->control, &share, &err);
	system_unlock(d->system);
	return err;
}

static int make_memory(struct domain *d)
{
	/* The host's kernel waits in there for readers: not with the lock. */
	int err = memslot_add(&d->mem, (gpa_t){WINDOW_GPA}, WINDOW_SIZE);

	if (err)
		return err;
	d->boot.window_start = WINDOW_GPA;
	d->boot.window_size = WINDOW_SIZE;
	return join_memory(d);
}

void notice_announce(struct domain *owner)
{
	owner->notified |= NOTIFIED_MEMORY;
	domain_wake(owner);
}

/* In pieces, so that nobody waits long for the lock.  I/O workers have less
 * priority than we may have: they finish their requests while we sleep. */
static void leave_memory(struct domain *d)
{
	const struct timespec nap = {.tv_nsec = 100000};
	enum memory_piece left = d->memory ? MEMORY_MORE : MEMORY_DONE;

	while (left != MEMORY_DONE) {
		system_lock(d->system);
		left = memory_leave(d->memory);
		system_unlock(d->system);
		if (left == MEMORY_WAITS)
			nanosleep(&nap, NULL);
	}
	d->memory = NULL;
}

static void set_rates(struct limit_rate *to, const struct launch_limit *from)
{
	to[0] = (struct limit_rate){from->mean.rate, from->mean.burst};
	to[1] = (struct limit_rate){from->peak.rate, from->peak.burst};
}

static void describe_disk(struct machine_disk *to, const struct launch *launch,
	const struct launch_disk *l)
{
	_Static_assert(
		(unsigned)LAUNCH_LIMITS == NR_VIRTIO_BLK_LIMITS &&
			(unsigned)LAUNCH_LIMIT_WRITES == VIRTIO_BLK_WRITES,
		"the same order");
	*to = (struct machine_disk){
		.path = launch_string(launch, l->file),
		.serial = l->serial ? launch_string(launch, l->serial) : NULL,
		.read_only = l->read_only,
		.direct = l->direct,
	};
	for (unsigned i = 0; i < LAUNCH_LIMITS; i++)
		set_rates(to->rates.of[i], &l->limit[i]);
}

static void describe_net(struct machine_net *to, struct net_forward *forward,
	const struct launch *launch, const struct launch_net *l)
{
	*to = (struct machine_net){
		.network = {.kind = l->kind == LAUNCH_NET_TAP ? NET_TAP
							      : NET_USER,
			.tap = launch_string(launch, l->tap),
			.forward = forward,
			.nr_forwards = l->nr_forwards},
	};
	memcpy(to->mac, l->mac, sizeof(to->mac));
	set_rates(to->inbound, &l->inbound);
	set_rates(to->outbound, &l->outbound);
	for (unsigned i = 0; i < l->nr_forwards; i++)
		forward[i] = (struct net_forward){
			.is_udp = l->forward[i].udp,
			.host_address = l->forward[i].address,
			.host_port = l->forward[i].host_port,
			.guest_port = l->forward[i].guest_port,
		};
}

static int make_machine(struct domain *d, struct machine_error *error)
{
	const struct launch *launch = d->system->launch;
	struct machine_disk disk[MACHINE_DISKS_MAX];
	struct machine_net net[MACHINE_NETS_MAX];
	struct net_forward forward[MACHINE_NETS_MAX][NET_FORWARDS_MAX];
	struct machine_config config = {
		.kind = d->control ? MACHINE_L4 : MACHINE_PC,
		.name = d->name,
		.mem = &d->mem,
		.disks = disk,
		.nets = net,
		.order = &d->order,
		.wake_fd = d->ex->wake_fd,
	};
	uint32_t flags = d->conf->flags;

	for (; config.nr_disks < d->conf->nr_disks &&
		config.nr_disks < MACHINE_DISKS_MAX;
		config.nr_disks++)
		describe_disk(&disk[config.nr_disks], launch,
			&launch->disk[d->conf->first_disk + config.nr_disks]);
	for (; config.nr_nets < d->conf->nr_nets &&
		config.nr_nets < MACHINE_NETS_MAX;
		config.nr_nets++)
		describe_net(&net[config.nr_nets], forward[config.nr_nets],
			launch,
			&launch->net[d->conf->first_net + config.nr_nets]);
	config.flags =
		(flags & LAUNCH_CONSOLE_SERIAL ? MACHINE_SERIAL : 0) |
		(flags & LAUNCH_CONSOLE_VIRTIO ? MACHINE_VIRTIO_CONSOLE : 0) |
		(flags & LAUNCH_RNG ? MACHINE_RNG : 0) |
		(flags & LAUNCH_BALLOON ? MACHINE_BALLOON : 0) |
		(flags & LAUNCH_REPORTING ? MACHINE_REPORTING : 0);
	config.console = d->console;
	return machine_create(&d->machine, &config, error);
}

static void describe_devices(struct domain *d)
{
	struct machine_device device[MACHINE_DEVICES_MAX];
	unsigned nr = machine_devices(d->machine, device);

	d->boot.nr_devices = nr < BOOT_DEVICES_MAX ? nr : BOOT_DEVICES_MAX;
	for (unsigned i = 0; i < d->boot.nr_devices; i++)
		d->boot.device[i] = (struct boot_device){
			.gpa = device[i].gpa,
			.irq = device[i].irq,
			.virtio_id = device[i].virtio_id,
		};
}

static struct domain *domain_new(struct system *system, unsigned index)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->system = system;
	d->index = index;
	d->conf = &system->launch->domain[index];
	d->debug = system->debug[index];
	d->name = launch_string(system->launch, d->conf->name);
	d->ex = system_executor_of(system, index);
	d->vcpu = (struct vcpu){.vm_fd = -1, .fd = -1, .run = MAP_FAILED};
	d->state = VCPU_RUNNING;
	d->own_work = true;
	d->next_timer = CLOCK_NEVER;
	d->if_limit_us = d->conf->if_limit_us	      ? d->conf->if_limit_us
			 : host_counts_instructions() ? IF_LIMIT_INSTRUCTIONS_US
						      : IF_LIMIT_US;
	d->period_irq = -1;
	notify_init(d);
	d->timer.expire = timer_expired;
	d->machine_timer.expire = machine_timer_expired;
	d->memory_timer.expire = vmmcall_retry;
	TAILQ_INIT(&d->outgoing);
	TAILQ_INIT(&d->incoming);
	TAILQ_INIT(&d->done);
	TAILQ_INIT(&d->asking);
	TAILQ_INIT(&d->ready);
	TAILQ_INIT(&d->binding);
	for (unsigned slot = 0; slot < PORTAL_SLOTS; slot++)
		d->cap[slot].domain = d;
	context_init(&d->ctx, d->ex, d);
	d->ctx.slack = d->conf->slack;
	d->slice_us = d->conf->slice_us;
	d->period_us = d->conf->period_us;
	d->deadline_us = d->conf->deadline_us;
	if (d->period_us)
		d->ctx.log = &system->measurement->log[index];
	return d;
}

/* The rate is a vCPU's to tell, so the first one made tells it. */
static int know_clock(struct domain *d)
{
	uint64_t khz;

	if (d->system->clock_known)
		return 0;
	khz = vcpu_tsc_khz(&d->vcpu);
	if (!khz)
		return -ENOTSUP;
	clock_setup(khz);
	d->system->clock_known = true;
	return 0;
}

struct domain *domain_create(
	struct system *system, unsigned index, struct machine_error *error)
{
	struct domain *d = domain_new(system, index);
	int err;

	if (!d) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	err = vcpu_create(&d->vcpu, &system->kvm);
	if (err)
		return fail(d, error, "cannot create a VM", err);
	err = know_clock(d);
	if (err)
		return fail(d, error, "KVM does not know the TSC's rate", err);
	d->mem.vm_fd = d->vcpu.vm_fd;
	err = make_ram(d);
	if (err)
		return fail(d, error, "no memory for its RAM", err);
	d->calls = calloc(1, sizeof(*d->calls));
	if (d->conf->kind == LAUNCH_KIND_L4)
		err = make_control(d);
	if (!err && d->control)
		err = make_memory(d);
	else if (!err && d->conf->frames_extra)
		err = join_memory(d);
	if (err || !d->calls)
		return fail(d, error, "no memory", err ? err : -ENOMEM);
	d->console = console_open(d->name, d->ex->wake_fd);
	if (make_machine(d, error)) {
		domain_destroy(d);
		return NULL;
	}
	describe_devices(d);
	return d;
}

static void populate(void *at, size_t size)
{
	uintptr_t begin = (uintptr_t)at & ~(FRAME_SIZE - 1);

	(void)present_make((void *)begin, (uintptr_t)at + size - begin);
}

void domain_populate(struct domain *d)
{
	populate(d, sizeof(*d));
	populate(d->calls, sizeof(*d->calls));
}

uint64_t domain_faults(struct domain *d)
{
	if (!d->asked_faults)
		d->faults_open =
			!kvm_stat_open(&d->faults, d->vcpu.fd, KVM_STAT_FAULTS);
	d->asked_faults = true;
	return d->faults_open ? kvm_stat_read(&d->faults) : 0;
}

void domain_destroy(struct domain *d)
{
	if (d->faults_open)
		kvm_stat_close(&d->faults);
	if (d->machine)
		machine_finish(d->machine);
	leave_memory(d);
	if (d->machine)
		machine_destroy(d->machine);
	if (d->console)
		console_close(d->console);
	if (d->vcpu.vm_fd >= 0)
		vcpu_destroy(&d->vcpu);
	memslot_remove_all(&d->mem);
	if (d->control_frame)
		backing_destroy(d->control_frame);
	if (d->ram)
		backing_destroy(d->ram);
	free(d->calls);
	free(d);
}

/* A domain's own four, its context's four; the host's context has them too. */
_Static_assert(
	4 + (CALLS_MAX + 2 * NOTIFICATIONS + 4 + 4) * LAUNCH_DOMAINS_MAX <=
		TIMER_HEAP_MAX,
	"one executor can have them all");

/* The end: nobody waits for it from now on; the system's helper reaps it. */
static void end(struct domain *d, enum domain_life life)
{
	struct timer_heap *timers = &d->ex->timers;
	uint64_t one = 1;
	ssize_t n;

	d->life = life;
	(void)portal_unlink_piece(d); /* the rest is for reap.c */
	timer_cancel(timers, &d->timer);
	timer_cancel(timers, &d->machine_timer);
	timer_cancel(timers, &d->reclaim_timer);
	timer_cancel(timers, &d->memory_timer);
	for (unsigned i = 0; i < NOTIFICATIONS; i++)
		timer_cancel(timers, &d->irq_timer[i].timer);
	notify_end(d);
	context_end(&d->ctx);
	if (d->debug)
		hold_ended(d);
	executor_kick(d->ex);
	n = write(d->system->event_fd, &one, sizeof(one));
	(void)n;
}

void domain_crash(struct domain *d, const char *format, ...)
{
	va_list ap;

	if (d->life != DOMAIN_LIVE)
		return;
	va_start(ap, format);
	vsnprintf(d->why, sizeof(d->why), format, ap);
	va_end(ap);
	trace_point(d->ex->trace, TRACE_FAULT, d->index, 0, 0);
	end(d, DOMAIN_CRASHED);
}

void domain_stop(struct domain *d, int status)
{
	if (d->life != DOMAIN_LIVE)
		return;
	d->exit_status = status;
	end(d, DOMAIN_STOPPED);
}

void domain_raise(struct domain *d, unsigned irq)
{
	if (!d->control)
		return;
	trace_point(d->ex->trace, TRACE_NOTIFY, d->index, 0, irq);
	d->notified |= UINT64_C(1) << irq;
	domain_wake(d);
}
