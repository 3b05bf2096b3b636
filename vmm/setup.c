/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host, frame pool, executors, domains, in this order.
 */
#include "vmm/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/boot/l4.h"
#include "vmm/boot/linux.h"
#include "vmm/complain.h"
#include "vmm/system.h"

static int make_executor(
	struct system *s, unsigned place, unsigned cpu, struct executor *beside)
{
	struct executor *ex = s->executor[place];
	int err;

	if (ex)
		return 0;
	ex = calloc(1, sizeof(*ex));
	err = ex ? executor_init(ex, s, cpu) : -ENOMEM;
	if (err) {
		complain("no executor for CPU %u: %s", cpu, strerror(-err));
		free(ex);
		return -1;
	}
	ex->beside = beside;
	s->executor[place] = ex;
	return 0;
}

static int make_executors(struct system *s)
{
	const struct launch *launch = s->launch;

	for (unsigned i = 0; i < launch->nr_domains; i++) {
		unsigned cpu = launch->domain[i].cpu;

		if (cpu >= (unsigned)sysconf(_SC_NPROCESSORS_ONLN)) {
			complain("domain %s wants CPU %u; this host has %ld",
				launch_string(launch, launch->domain[i].name),
				cpu, sysconf(_SC_NPROCESSORS_ONLN));
			return -1;
		}
		if (make_executor(s, cpu, cpu, NULL))
			return -1;
		if ((launch->domain[i].flags & LAUNCH_THREAD) &&
			make_executor(
				s, LAUNCH_CPUS_MAX + i, cpu, s->executor[cpu]))
			return -1;
	}
	return 0;
}

static int make_pool(struct system *s)
{
	struct memory_share all = {0};
	uint64_t frames = FRAMES_2M;
	int err;

	for (unsigned i = 0; i < s->launch->nr_domains; i++) {
		const struct launch_domain *d = &s->launch->domain[i];

		frames += d->ram_bytes / FRAME_SIZE + FRAMES_2M;
		all.guaranteed += d->frames_guaranteed;
		all.extra += d->frames_extra;
		all.runs += d->runs;
	}
	frames += all.guaranteed + all.extra + FRAMES_2M;
	err = frame_pool_create(&s->pool, frames);
	if (!err) {
		filler_init(&s->filler, frame_pool_fd(s->pool));
		err = memory_init(&s->memory, s->pool, &all);
	}
	if (err)
		complain("no frame pool of %llu MiB: %s",
			(unsigned long long)frames / 256, strerror(-err));
	return err;
}

static int open_host(struct system *s)
{
	int err = kvm_open(&s->kvm);

	if (err) {
		complain("/dev/kvm: %s; `hyperhurd probe` says more",
			strerror(-err));
		return err;
	}
	s->tsc_origin = clock_now();
	return 0;
}

static int boot_images(struct domain *d, struct machine_error *error)
{
	if (d->conf->kind == LAUNCH_KIND_L4) {
		if (vcpu_set_cpuid(&d->vcpu, d->system->kvm.cpuid)) {
			snprintf(error->text, sizeof(error->text),
				"%s: the host refused its CPUID", d->name);
			return -1;
		}
		return boot_l4(d, d->system->launch, error);
	}
	if (d->conf->kind == LAUNCH_KIND_LINUX)
		return boot_linux(d, d->system->launch, error);
	snprintf(error->text, sizeof(error->text),
		"%s: UEFI domains cannot be booted yet", d->name);
	return -1;
}

static struct domain *make_domain(struct system *s, unsigned i)
{
	struct machine_error error;
	struct domain *d = domain_create(s, i, &error);

	if (!d)
		complain("%s", error.text);
	return d;
}

/* The order matters: every server end exists before any client's. */
static int make_domains(struct system *s)
{
	struct machine_error error;

	s->nr_domains = s->launch->nr_domains;
	for (unsigned i = 0; i < s->nr_domains; i++) {
		s->domain[i] = make_domain(s, i);
		if (!s->domain[i])
			return -1;
	}
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (system_link_server(s, s->domain[i]))
			return -1;
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (system_link_client(s, s->domain[i]))
			return -1;
	for (unsigned i = 0; i < s->nr_domains; i++) {
		if (boot_images(s->domain[i], &error)) {
			complain("%s", error.text);
			return -1;
		}
	}
	return 0;
}
int setup_system(struct system *s)
{
	if (open_host(s) || make_pool(s) || make_executors(s))
		return -1;
	return make_domains(s);
}

static int link_domain(struct system *s, struct domain *d)
{
	int err;

	system_lock(s);
	err = system_link_server(s, d);
	if (!err)
		err = system_link_client(s, d);
	system_unlock(s);
	return err;
}

struct domain *setup_domain(struct system *s, unsigned i)
{
	struct machine_error error = {"no room in a table of portals"};
	struct domain *d = make_domain(s, i);

	if (!d)
		return NULL;
	if (!link_domain(s, d) && !boot_images(d, &error))
		return d;
	complain("domain %s cannot be restarted: %s", d->name, error.text);
	system_lock(s);
	while (portal_unlink_piece(d))
		;
	system_unlock(s);
	domain_destroy(d);
	return NULL;
}

void setup_enlist(struct domain *d, uint64_t now)
{
	struct executor *ex = d->ex;

	ex->domain[ex->nr_domains++] = d;
	system_reserve(d, now);
}

bool setup_any_reserved(const struct system *s)
{
	for (unsigned i = 0; i < s->launch->nr_domains; i++)
		if (s->launch->domain[i].slice_us)
			return true;
	return false;
}
