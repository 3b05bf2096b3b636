/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy server: decides how many frames each domain may use beyond its
 * guarantee.  It looks at the policy buffer once a period and sets limits; what
 * a domain uses beyond a lower one has to come back before the deadline.
 *
 * Of several such domains one decides; the next takes over when it is gone.  In
 * between the last limits hold.
 *
 * Arguments: policy=static|market period_us=N deadline_us=N balloon_us=N (the
 * deadline of Linux domains) standby (let another one be the first)
 */
#include "servers/lib/libc/string.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/policy/policy.h"

#define NAME_MAX 16
#define PERIOD_US 100000
#define DEADLINE_US 50000
#define STANDBY_US 5000000
#define BALLOON_US 20000000 /* Linux takes its time */

static const struct policy *const policies[] = {&policy_static, &policy_market};

#define NR_POLICIES (sizeof(policies) / sizeof(policies[0]))

static const struct policy *policy_from_args(void)
{
	char name[NAME_MAX];

	if (!args_text(startup_page()->args, "policy", name, sizeof(name)))
		return &policy_static;
	for (unsigned i = 0; i < NR_POLICIES; i++)
		if (!strcmp(name, policies[i]->name))
			return policies[i];
	panic("no policy '%s': there are static and market", name);
}

/* Waits until nobody else has control. */
static void control_get(uint64_t period_us)
{
	uint64_t error;

	while ((error = container_request(CONTAINER_CONTROL, NULL, 0, NULL)) ==
		VMM_EBUSY)
		L4_Sleep(L4_TimePeriod(period_us));
	if (error)
		panic("no control: error %lu; its <hh:frames> needs "
		      "control='yes'",
			error);
}

static void buffer_map(void)
{
	uint64_t ref = 0;
	uint64_t error =
		container_request(CONTAINER_CONTROL_BUFFER, NULL, 0, &ref);

	if (!error)
		error = container_map(
			ref, 0, 1, CONTAINER_MAP_READ, WINDOW_GPA, NULL);
	if (error)
		panic("no policy buffer: error %lu", error);
}

/* The VMM writes at any time: each word is read once. */
static void buffer_read(struct policy_buffer *now)
{
	const volatile uint32_t *from = (const volatile uint32_t *)WINDOW_GPA;
	uint32_t *to = (uint32_t *)now;

	for (unsigned i = 0; i < sizeof(*now) / sizeof(*to); i++)
		to[i] = from[i];
	if (now->version != POLICY_ABI_VERSION)
		panic("a policy buffer of version %u", now->version);
}

/* A domain may have gone since: then nothing has to be set. */
static void limit_set(unsigned domain, uint32_t limit, uint64_t deadline_us)
{
	const uint64_t arg[] = {domain, limit, deadline_us};
	uint64_t error =
		container_request(CONTAINER_CONTROL_LIMIT, arg, 3, NULL);

	if (error && error != VMM_ENOENT)
		panic("limit of domain %u: error %lu", domain, error);
}

struct deadlines {
	uint64_t us;
	uint64_t balloon_us;
};

/* Who gets fewer before who gets more; who owes some has the time for it that it
 * was given. */
static void limits_set(const struct policy_buffer *now, const uint32_t *limit,
	const struct deadlines *deadlines)
{
	for (unsigned more = 0; more < 2; more++)
		for (unsigned i = 0; i < POLICY_DOMAINS; i++) {
			const struct policy_domain *d = &now->domain[i];
			bool grows = limit[i] > d->limit;

			if ((d->flags & POLICY_LIVE) && limit[i] != d->limit &&
				grows == more &&
				(!d->owed || limit[i] >= d->lent))
				limit_set(i, limit[i],
					d->flags & POLICY_BALLOON
						? deadlines->balloon_us
						: deadlines->us);
		}
}

int main(void)
{
	const char *args = startup_page()->args;
	const struct policy *policy = policy_from_args();
	uint64_t period_us = args_number(args, "period_us", PERIOD_US);
	const struct deadlines deadlines = {
		args_number(args, "deadline_us", DEADLINE_US),
		args_number(args, "balloon_us", BALLOON_US),
	};
	static struct policy_buffer now;
	uint32_t limit[POLICY_DOMAINS];

	if (args_flag(args, "standby"))
		L4_Sleep(L4_TimePeriod(STANDBY_US));
	control_get(period_us);
	buffer_map();
	print("%s decides\n", policy->name);
	for (;;) {
		buffer_read(&now);
		for (unsigned i = 0; i < POLICY_DOMAINS; i++)
			limit[i] = now.domain[i].limit;
		policy->decide(&now, limit);
		limits_set(&now, limit, &deadlines);
		L4_Sleep(L4_TimePeriod(period_us));
	}
}
